import { closed, listen, synReceived, synSent } from "./fixtures.ts";
import { scenario } from "./world.ts";

scenario("an active OPEN sends SYN with every option and is established by the SYN,ACK", closed(), (t) => {
  t.connect().out("S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1000000 ecr 0,nop,wscale 7>").state("SYN-SENT");
  t.at(30).in("S. 0:0(0) ack 1 win 28960 <mss 1460,sackOK,TS val 7 ecr 1000000,nop,wscale 9>");
  t.out(". 1:1(0) ack 1 win 512 <nop,nop,TS val 1000030 ecr 7>").told("established").state("ESTABLISHED");
});

scenario("a passive OPEN answers SYN with what both sides want", listen(), (t) => {
  t.in("S 0:0(0) win 1000 <mss 1200,nop,wscale 2>");
  t.out("S. 0:0(0) ack 1 win 65535 <mss 1460,nop,wscale 7>").state("SYN-RECEIVED");
  t.at(10).in(". 1:1(0) ack 1 win 500").told("established").state("ESTABLISHED");
});

scenario("two SYNs that cross open one connection", synSent(), (t) => {
  t.in("S 0:0(0) win 1000 <mss 1000>").out("S. 0:0(0) ack 1 win 65535 <mss 1460>").state("SYN-RECEIVED");
  t.in("S. 0:0(0) ack 1 win 1000 <mss 1000>").told("established").state("ESTABLISHED");
});

scenario("a SYN is sent again after 1, 3, 7... seconds, and given up after seven times", synSent(), (t) => {
  for (const seconds of [1, 3, 7, 15, 31, 63, 127]) t.at(seconds * 1000).out("S 0:0(0)");
  t.at(247_000).told("closed timedOut handshake").state("CLOSED");
});

scenario("a SYN,ACK is sent again when the SYN comes again", synReceived(), (t) => {
  t.at(500).in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 1");
});

scenario("a RST that acknowledges the SYN refuses the connection", synSent(), (t) => {
  t.in("R. 0:0(0) ack 1").told("closed refused").state("CLOSED");
});

scenario("a RST that acknowledges something else is ignored in SYN-SENT", synSent(), (t) => {
  t.in("R. 0:0(0) ack 2", "R. 0:0(0) ack 0", "R 0:0(0)").state("SYN-SENT");
});

scenario("an ACK of another connection is answered with RST in SYN-SENT", synSent(), (t) => {
  t.in("S. 0:0(0) ack 77 win 1000").out("R 77:77(0)").state("SYN-SENT");
});
