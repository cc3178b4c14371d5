// What the C that wasm2c writes needs of a runtime, and no more: one memory, reserved whole, and traps that abort.
#ifndef WASM_RT_H_
#define WASM_RT_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "simde/wasm/simd128.h"

typedef simde_v128_t v128;
#define WASM_RT_SIMD_TYPE_DEFINED

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
#define WASM_RT_STACK_DEPTH_COUNT 0
#define WASM_RT_USE_SEGUE 0
#define wasm_rt_memcpy memcpy

#define WASM_RT_PAGE 65536
#define WASM_RT_MOST_PAGES 256

typedef struct {
  uint8_t *data;
  uint64_t pages, max_pages, size;
  bool is64;
} wasm_rt_memory_t;

typedef enum { WASM_RT_I32, WASM_RT_I64, WASM_RT_F32, WASM_RT_F64, WASM_RT_V128 } wasm_rt_type_t;
typedef const char *wasm_rt_func_type_t;
typedef void (*wasm_rt_function_ptr_t)(void);
typedef struct { void (*fn)(void **); } wasm_rt_tailcallee_t;
typedef struct { wasm_rt_func_type_t func_type; wasm_rt_function_ptr_t func; wasm_rt_tailcallee_t func_tailcallee; void *module_instance; } wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;
typedef struct { wasm_rt_funcref_t *data; uint32_t max_size, size; } wasm_rt_funcref_table_t;
typedef struct { wasm_rt_externref_t *data; uint32_t max_size, size; } wasm_rt_externref_table_t;
#define wasm_rt_funcref_null_value ((wasm_rt_funcref_t){0})
#define wasm_rt_externref_null_value NULL

typedef enum {
  WASM_RT_TRAP_NONE,
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_CALL_INDIRECT,
  WASM_RT_TRAP_EXHAUSTION,
} wasm_rt_trap_t;

static _Noreturn void wasm_rt_trap(wasm_rt_trap_t why) {
  fprintf(stderr, "WebAssembly trap %d\n", why);
  abort();
}

static inline bool wasm_rt_is_initialized(void) { return true; }

static inline void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t pages, uint64_t most, bool is64, uint32_t page) {
  (void)most, (void)is64, (void)page;
  *memory = (wasm_rt_memory_t){calloc(WASM_RT_MOST_PAGES, WASM_RT_PAGE), pages, WASM_RT_MOST_PAGES, pages * WASM_RT_PAGE, false};
}

static inline uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages) {
  uint64_t before = memory->pages;
  if (before + pages > memory->max_pages) return 0xffffffff;
  memory->pages = before + pages;
  memory->size = memory->pages * WASM_RT_PAGE;
  return before;
}

static inline void wasm_rt_free_memory(wasm_rt_memory_t *memory) { free(memory->data); }

#endif
