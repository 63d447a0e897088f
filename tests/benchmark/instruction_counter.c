// SPDX-License-Identifier: Apache-2.0
// A plugin of QEMU's user mode that counts the instructions of the emulated program. The program reads the count, 8 bytes,
// from file descriptor 900. Plugins get no header from Debian, so what is used of QEMU's interface is declared here.
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

enum { descriptor = 900, flags_of_callbacks = 0 };

typedef uint64_t Id;
typedef void (*TranslationCallback)(Id id, void* block);
typedef void (*ExecutionCallback)(unsigned cpu, void* instructions);
typedef void (*SyscallCallback)(Id id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
void qemu_plugin_register_vcpu_tb_trans_cb(Id id, TranslationCallback callback);
void qemu_plugin_register_vcpu_tb_exec_cb(void* block, ExecutionCallback callback, int flags, void* data);
void qemu_plugin_register_vcpu_syscall_cb(Id id, SyscallCallback callback);
size_t qemu_plugin_tb_n_insns(const void* block);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed;
static int pipe_end;

static void execute(unsigned cpu, void* instructions) {
  (void)cpu;
  executed += (uintptr_t)instructions;
}

// A block is executed from its first instruction to its last one, unless there is a fault.
static void translate(Id id, void* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(block, execute, flags_of_callbacks, (void*)qemu_plugin_tb_n_insns(block));
}

// Before the system call is made. 63 is `read` on RISC-V.
static void call(Id id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                 uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number == 63 && a1 == descriptor && write(pipe_end, &executed, sizeof executed) != sizeof executed) _exit(1);
}

__attribute__((visibility("default"))) int qemu_plugin_install(Id id, const void* info, int argc, char** argv) {
  (void)info, (void)argc, (void)argv;
  int ends[2];
  if (pipe(ends) != 0 || dup2(ends[0], descriptor) != descriptor) return 1;
  pipe_end = ends[1];
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_vcpu_syscall_cb(id, call);
  return 0;
}
