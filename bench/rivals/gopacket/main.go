// gopacket, as its documentation says to use it where speed counts: a DecodingLayerParser, packets without a copy.
// Answers the lines that rivals/process.ts does.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

type rows struct {
	frames, length                         int
	time                                   []int64
	frame, frameCaptured, frameLength      []uint32
	srcPort, dstPort                       []uint16
	seq, ack                               []uint32
	flags, window, checksum, urgentPointer []uint16
	headerLength, ipVersion, ttl           []uint8
	payloadLength                          []uint32
}

func newRows(room int) *rows {
	return &rows{
		time: make([]int64, room), frame: make([]uint32, room), frameCaptured: make([]uint32, room), frameLength: make([]uint32, room),
		srcPort: make([]uint16, room), dstPort: make([]uint16, room), seq: make([]uint32, room), ack: make([]uint32, room),
		flags: make([]uint16, room), window: make([]uint16, room), checksum: make([]uint16, room), urgentPointer: make([]uint16, room),
		headerLength: make([]uint8, room), ipVersion: make([]uint8, room), ttl: make([]uint8, room), payloadLength: make([]uint32, room),
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := perform(lines.Text())
		if err != nil {
			answer = "error " + strings.SplitN(err.Error(), "\n", 2)[0]
		}
		fmt.Println(answer)
	}
}

func perform(line string) (string, error) {
	if line == "list" {
		return `[{"name":"gopacket (Go)","id":"gopacket","note":"no checksum is verified","installed":true}]`, nil
	}
	words := strings.SplitN(line, " ", 4)
	if len(words) != 4 {
		return "", errors.New("no such command: " + line)
	}
	var frames int
	if _, err := fmt.Sscan(words[2], &frames); err != nil {
		return "", err
	}
	found := newRows(frames)
	start := time.Now()
	if err := read(words[3], found); err != nil {
		return "", err
	}
	elapsed := time.Since(start)
	if words[0] == "time" {
		return fmt.Sprint(elapsed.Nanoseconds()), nil
	}
	text, err := json.Marshal(outcome(found))
	return string(text), err
}

func read(path string, found *rows) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return err
	}
	var (
		ethernet layers.Ethernet
		tag      layers.Dot1Q
		four     layers.IPv4
		six      layers.IPv6
		tcp      layers.TCP
		payload  gopacket.Payload
		decoded  []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &tag, &four, &six, &tcp, &payload)
	parser.IgnoreUnsupported = true
	for {
		data, info, err := reader.ZeroCopyReadPacketData()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		found.frames++
		if parser.DecodeLayers(data, &decoded) != nil {
			continue
		}
		i := found.length
		isTCP := false
		for _, layer := range decoded {
			switch layer {
			case layers.LayerTypeIPv4:
				found.ipVersion[i], found.ttl[i] = 4, four.TTL
				found.payloadLength[i] = uint32(four.Length) - uint32(four.IHL)*4
			case layers.LayerTypeIPv6:
				found.ipVersion[i], found.ttl[i] = 6, six.HopLimit
				found.payloadLength[i] = uint32(six.Length)
			case layers.LayerTypeTCP:
				isTCP = true
			}
		}
		if !isTCP {
			continue
		}
		found.length++
		found.time[i] = info.Timestamp.UnixNano()
		found.frame[i] = uint32(found.frames)
		found.frameCaptured[i] = uint32(info.CaptureLength)
		found.frameLength[i] = uint32(info.Length)
		found.srcPort[i] = uint16(tcp.SrcPort)
		found.dstPort[i] = uint16(tcp.DstPort)
		found.seq[i] = tcp.Seq
		found.ack[i] = tcp.Ack
		found.flags[i] = flagsOf(&tcp)
		found.window[i] = tcp.Window
		found.checksum[i] = tcp.Checksum
		found.urgentPointer[i] = tcp.Urgent
		found.headerLength[i] = tcp.DataOffset * 4
		found.payloadLength[i] -= uint32(tcp.DataOffset) * 4
	}
}

func flagsOf(tcp *layers.TCP) uint16 {
	flags := uint16(0)
	for bit, set := range [...]bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR, tcp.NS} {
		if set {
			flags |= 1 << bit
		}
	}
	return flags
}

func outcome(found *rows) map[string]string {
	n := found.length
	result := map[string]string{"frames": fmt.Sprint(found.frames), "rows": fmt.Sprint(n)}
	add := func(name string, value func(i int) uint32) {
		hash := uint32(0)
		for i := 0; i < n; i++ {
			hash = mix(hash, value(i))
		}
		result[name] = fmt.Sprintf("%08x", hash)
	}
	times := uint32(0)
	for _, at := range found.time[:n] {
		times = mix(mix(times, uint32(at)), uint32(uint64(at)>>32))
	}
	result["time"] = fmt.Sprintf("%08x", times)
	add("frame", func(i int) uint32 { return found.frame[i] })
	add("frameCaptured", func(i int) uint32 { return found.frameCaptured[i] })
	add("frameLength", func(i int) uint32 { return found.frameLength[i] })
	add("srcPort", func(i int) uint32 { return uint32(found.srcPort[i]) })
	add("dstPort", func(i int) uint32 { return uint32(found.dstPort[i]) })
	add("seq", func(i int) uint32 { return found.seq[i] })
	add("ack", func(i int) uint32 { return found.ack[i] })
	add("flags", func(i int) uint32 { return uint32(found.flags[i]) })
	add("window", func(i int) uint32 { return uint32(found.window[i]) })
	add("checksum", func(i int) uint32 { return uint32(found.checksum[i]) })
	add("urgentPointer", func(i int) uint32 { return uint32(found.urgentPointer[i]) })
	add("headerLength", func(i int) uint32 { return uint32(found.headerLength[i]) })
	add("payloadLength", func(i int) uint32 { return found.payloadLength[i] })
	add("ipVersion", func(i int) uint32 { return uint32(found.ipVersion[i]) })
	add("ttl", func(i int) uint32 { return uint32(found.ttl[i]) })
	return result
}

// As in src/bench/digest.ts.
func mix(hash, word uint32) uint32 {
	x := hash ^ word
	return (x<<15 | x>>17) * 0x9e3779b1
}
