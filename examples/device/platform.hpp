// SPDX-License-Identifier: Apache-2.0
// Prints characters: to standard output on a host, through semihosting on a bare Cortex-M. The Cortex-M also needs a
// vector table and initialized memory before main.
#pragma once

#if !defined(__ARM_ARCH_PROFILE) || __ARM_ARCH_PROFILE != 'M'

#include <cstdio>

inline void put(char c) { std::putchar(c); }
inline int stack_used() { return 0; }  // known on a board only

#else

#include <cstddef>
#include <cstdint>

// The functions that compilers may call on their own; clang calls those with __aeabi. Volatile, because they would
// otherwise compile to calls of
// themselves.
extern "C" {

[[gnu::used]] inline void* memset(void* to, int value, std::size_t count) {
  for (volatile unsigned char* byte = static_cast<unsigned char*>(to); count > 0; --count)
    *byte++ = static_cast<unsigned char>(value);
  return to;
}

[[gnu::used]] inline void* memcpy(void* to, const void* from, std::size_t count) {
  const unsigned char* source = static_cast<const unsigned char*>(from);
  for (volatile unsigned char* byte = static_cast<unsigned char*>(to); count > 0; --count) *byte++ = *source++;
  return to;
}

[[gnu::used]] inline void __aeabi_memclr4(void* to, std::size_t count) { memset(to, 0, count); }
[[gnu::used]] inline void __aeabi_memcpy4(void* to, const void* from, std::size_t count) { memcpy(to, from, count); }

}  // extern "C"

inline std::intptr_t semihosting_call(int operation, const void* argument) {
  register std::intptr_t r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

inline void put(char c) { semihosting_call(3, &c); }  // SYS_WRITEC

int main();

extern "C" {

inline constexpr std::uint32_t unused_stack = 0x5ac35ac3;
extern std::uint32_t data_begin, data_end, data_source, bss_begin, bss_end, stack_end;

[[noreturn]] inline void stop(bool is_error) {
  const std::uintptr_t reason[2] = {0x20026, is_error ? 1u : 0u};  // ADP_Stopped_ApplicationExit
  semihosting_call(0x20, reason);                                  // SYS_EXIT_EXTENDED
  for (;;) {
  }
}

[[gnu::used]] inline void fault() { stop(true); }

[[gnu::used, gnu::noinline]] inline void reset() {
#ifdef __ARM_FP  // the compiler may use the registers of the floating-point and vector unit, which is off after a reset
  *reinterpret_cast<volatile std::uint32_t*>(0xe000ed88) |= 0xfu << 20;
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
  const std::uint32_t* source = &data_source;
  for (volatile std::uint32_t* word = &data_begin; word < &data_end; ++word) *word = *source++;
  for (volatile std::uint32_t* word = &bss_begin; word < &bss_end; ++word) *word = 0;
  // The stack grows down from the end of RAM: what main does not reach keeps this number.
  const auto* const here = static_cast<const std::uint32_t*>(__builtin_frame_address(0)) - 64;
  for (volatile std::uint32_t* word = &bss_end; word < here; ++word) *word = unused_stack;
  stop(main() != 0);
}

}  // extern "C"

/// The most bytes of stack that the program has used so far, with those of main and of the start.
inline int stack_used() {
  const volatile std::uint32_t* word = &bss_end;
  while (*word == unused_stack) ++word;
  return static_cast<int>(reinterpret_cast<std::uintptr_t>(&stack_end) - reinterpret_cast<std::uintptr_t>(word));
}

struct VectorTable {
  std::uint32_t* stack;
  void (*handlers[15])();
};
[[gnu::section(".vectors"), gnu::used]] static const VectorTable vectors = {
    &stack_end,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault}};

#endif

inline void print(const char* text, int number) {
  while (*text != 0) put(*text++);
  char digits[10];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) put(digits[--count]);
  put('\n');
}
