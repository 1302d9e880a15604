// The floor: the minimum of file system work for drops to be stored as eventdrop promises.
//
// Each drop is claimed by a rename, read, and its bytes written to an unnamed file. For each portion there is one barrier
// for the bytes, then every record gets its name, then there is one barrier for the names, and the claimed drops are
// removed. There is no JSON, no catalog, no network, and one thread.
//
//   floor DIRECTORY COUNT PORTION SIZE
//
// Prints the seconds from the first claim to the last removal, and their processor time. DIRECTORY is on the measured
// file system.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int open_folder(int base, const char *name) {
  if (mkdirat(base, name, 0750) != 0) err(1, "mkdir %s", name);
  int folder = openat(base, name, O_RDONLY | O_DIRECTORY);
  if (folder < 0) err(1, "open %s", name);
  return folder;
}

static void name_of(int number, char name[32]) { snprintf(name, 32, "%08d.json", number); }

static void drop(int inbox, int count, const char *bytes, size_t size) {
  char name[32];
  for (int number = 0; number < count; number++) {
    name_of(number, name);
    int file = openat(inbox, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size) err(1, "drop %s", name);
    close(file);
  }
  if (syncfs(inbox) != 0) err(1, "syncfs");
}

static int write_record(int inbox, int claims, int processed, const char *name, char *buffer, size_t size) {
  if (renameat(inbox, name, claims, name) != 0) err(1, "claim %s", name);
  int claim = openat(claims, name, O_RDONLY | O_NOFOLLOW);
  if (claim < 0) err(1, "open %s", name);
  ssize_t count = read(claim, buffer, size + 1);
  close(claim);
  int record = openat(processed, ".", O_TMPFILE | O_WRONLY, 0640);
  if (record < 0 || count < 0 || write(record, buffer, count) != count) err(1, "write the record of %s", name);
  return record;
}

static void publish(int processed, const char *name, int record) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", record);
  if (linkat(AT_FDCWD, path, processed, name, AT_SYMLINK_FOLLOW) != 0) err(1, "name %s", name);
  close(record);
}

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 5) errx(64, "usage: floor DIRECTORY COUNT PORTION SIZE");
  int count = atoi(argv[2]), portion = atoi(argv[3]);
  size_t size = strtoul(argv[4], NULL, 10);
  int base = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (base < 0) err(1, "%s", argv[1]);
  int inbox = open_folder(base, "inbox"), claims = open_folder(base, "claims"), processed = open_folder(base, "processed");
  char *buffer = malloc(size + 1);
  int *records = calloc(portion, sizeof *records);
  if (buffer == NULL || records == NULL) err(1, "malloc");
  memset(buffer, 'x', size + 1);
  drop(inbox, count, buffer, size);

  double start = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
  char name[32];
  for (int first = 0; first < count; first += portion) {
    int last = count - first < portion ? count : first + portion;
    for (int number = first; number < last; number++) {
      name_of(number, name);
      records[number - first] = write_record(inbox, claims, processed, name, buffer, size);
    }
    if (syncfs(processed) != 0) err(1, "syncfs");
    for (int number = first; number < last; number++) {
      name_of(number, name);
      publish(processed, name, records[number - first]);
    }
    if (fsync(processed) != 0) err(1, "fsync");
    for (int number = first; number < last; number++) {
      name_of(number, name);
      if (unlinkat(claims, name, 0) != 0) err(1, "remove %s", name);
    }
  }
  printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - start, now(CLOCK_PROCESS_CPUTIME_ID) - used);
  return 0;
}
