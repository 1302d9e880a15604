// A library to preload that makes system calls fail with an errno according to rules, which are read again at each
// call.
//
// Each line of the file that RULES names is "OPERATION PART ERRNO": an operation on a path that contains PART (* is
// any) fails with it. OPERATION is openat, renameat2, fstatat, or lease (F_SETLEASE); "clock * SECONDS" sets
// CLOCK_REALTIME ahead.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
static int rule(const char *op, const char *path) {
  const char *f = getenv("RULES"); if (!f) return 0;
  FILE *r = fopen(f, "re"); if (!r) return 0;
  char o[32], p[256]; int e, res = 0;
  while (fscanf(r, "%31s %255s %d", o, p, &e) == 3)
    if (!strcmp(o, op) && (!strcmp(p, "*") || (path && strstr(path, p)))) { res = e; break; }
  fclose(r); return res;
}
#define REAL(n) static __typeof__(n) *real; if (!real) real = (__typeof__(n)*)dlsym(RTLD_NEXT, #n)
int openat(int d, const char *p, int fl, ...) { va_list a; va_start(a, fl); int m = va_arg(a, int); va_end(a); REAL(openat);
  int e = rule("openat", p); if (e) { errno = e; return -1; } return real(d, p, fl, m); }
int renameat2(int a, const char *b, int c, const char *d, unsigned f) { REAL(renameat2);
  int e = rule("renameat2", b); if (e) { errno = e; return -1; } return real(a, b, c, d, f); }
int fstatat(int d, const char *p, struct stat *s, int f) { REAL(fstatat);
  int e = rule("fstatat", p); if (e) { errno = e; return -1; } return real(d, p, s, f); }
int fcntl(int fd, int c, ...) { va_list a; va_start(a, c); long x = va_arg(a, long); va_end(a);
  static int (*real)(int, int, ...); if (!real) real = dlsym(RTLD_NEXT, "fcntl");
  if (c == F_SETLEASE) { int e = rule("lease", "*"); if (e) { errno = e; return -1; } } return real(fd, c, x); }
int clock_gettime(clockid_t c, struct timespec *t) { static int (*real)(clockid_t, struct timespec *); if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int r = real(c, t); if (c == CLOCK_REALTIME) t->tv_sec += rule("clock", "*"); return r; }
