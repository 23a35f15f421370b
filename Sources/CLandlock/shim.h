// Landlock's system calls, which glibc has no functions for. Their numbers are the same on all architectures.
// No header of the system is included: its types would then seem to be this module's.
#ifndef TERRANE_CLANDLOCK_SHIM_H
#define TERRANE_CLANDLOCK_SHIM_H
#include <stddef.h>
#include <stdint.h>

extern long syscall(long number, ...);
extern int prctl(int option, ...);

// What a set of rules forbids where no rule allows it: of files, of TCP, of processes outside.
typedef struct {
  uint64_t files, network, scope;
} terrane_ruleset;

// The version of the kernel's Landlock; 0 where it has none, or it is switched off.
static inline int terrane_landlock_version(void) {
  long version = syscall(444, NULL, (size_t)0, 1u);
  return version > 0 ? (int)version : 0;
}

// The descriptor of a new set of rules; below 0 where there can be none.
static inline int terrane_landlock_create(const terrane_ruleset *rules, size_t bytes) {
  return (int)syscall(444, rules, bytes, 0u);
}

// Allows rights to what a descriptor names, and what lies below it.
static inline int terrane_landlock_allow(int ruleset, uint64_t rights, int parent) {
  struct {
    uint64_t rights;
    int32_t parent;
  } __attribute__((packed)) rule = {rights, parent};
  return (int)syscall(445, ruleset, 1u, &rule, 0u);
}

// Puts the calling thread, and what it starts from now on, under the rules. It may never again gain rights by
// starting a program (PR_SET_NO_NEW_PRIVS), or the kernel would refuse.
static inline int terrane_landlock_enforce(int ruleset) {
  return prctl(38, 1l, 0l, 0l, 0l) == 0 ? (int)syscall(446, ruleset, 0u) : -1;
}
#endif
