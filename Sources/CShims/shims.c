#define _GNU_SOURCE
#include "CShims.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int eventdrop_open_unnamed(int folder, mode_t mode) {
  return openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

int eventdrop_link_unnamed(int file, int folder, const char *name) {
  // Since 6.10, Linux lets anyone name a file without going through /proc, before that only root (linkat(2)): ENOENT
  // means that it does not here.
  static atomic_bool needs_path;
  if (!atomic_load_explicit(&needs_path, memory_order_relaxed)) {
    if (linkat(file, "", folder, name, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT) return -1;
    atomic_store_explicit(&needs_path, true, memory_order_relaxed);
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}

int eventdrop_rename_exclusive(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int eventdrop_syncfs(int descriptor) { return syncfs(descriptor); }

ssize_t eventdrop_read_entries(int folder, void *buffer, size_t size) { return getdents64(folder, buffer, size); }

struct eventdrop_entry eventdrop_entry_at(const void *buffer, size_t offset) {
  const struct dirent64 *entry = (const struct dirent64 *)((const char *)buffer + offset);
  struct eventdrop_entry result = {
      .inode = entry->d_ino,
      .type = entry->d_type,
      .name = entry->d_name,
      .name_length = strlen(entry->d_name),
      .length = entry->d_reclen,
  };
  return result;
}

int eventdrop_take_read_lease(int descriptor) { return fcntl(descriptor, F_SETLEASE, F_RDLCK); }

int eventdrop_drop_lease(int descriptor) { return fcntl(descriptor, F_SETLEASE, F_UNLCK); }

int eventdrop_lock_whole_file(int descriptor) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int eventdrop_is_file_locked(int descriptor) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(descriptor, F_OFD_GETLK, &lock) < 0) return -1;
  return lock.l_type != F_UNLCK;
}

int eventdrop_lock_folder(int descriptor, int is_shared) {
  return flock(descriptor, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
}

int64_t eventdrop_file_system_type(int descriptor) {
  struct statfs result;
  if (fstatfs(descriptor, &result) < 0) return -1;
  return (int64_t)(uint32_t)result.f_type;
}

const void *eventdrop_find(const void *all, size_t size, const void *wanted, size_t wanted_size) {
  return memmem(all, size, wanted, wanted_size);
}

void *eventdrop_iconv_open(const char *to, const char *from) {
  iconv_t descriptor = iconv_open(to, from);
  return descriptor == (iconv_t)-1 ? NULL : descriptor;
}

size_t eventdrop_iconv(void *descriptor, const char **input, size_t *input_left, char **output, size_t *output_left) {
  return iconv(descriptor, (char **)input, input_left, output, output_left);
}

void eventdrop_iconv_close(void *descriptor) { iconv_close(descriptor); }

int eventdrop_shut_file_system_down(int descriptor) {
  uint32_t without_log_flush = 2;
  return ioctl(descriptor, 0x8004587d, &without_log_flush);
}

int eventdrop_wait_within(sem_t *semaphore, int64_t nanoseconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += nanoseconds / 1000000000;
  end.tv_nsec += nanoseconds % 1000000000;
  if (end.tv_nsec >= 1000000000) {
    end.tv_sec += 1;
    end.tv_nsec -= 1000000000;
  }
  int result;
  do result = sem_clockwait(semaphore, CLOCK_MONOTONIC, &end);
  while (result != 0 && errno == EINTR);
  return result;
}

void eventdrop_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static const int taken_signals[] = {SIGTERM, SIGINT, SIGHUP};
static struct sigaction earlier_actions[3];
static int signal_pipe[2] = {-1, -1};

// Only functions that a signal handler may call are used here (signal-safety(7)).
static void note_signal(int number) {
  int error = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe already holds enough of them.
  if (write(signal_pipe[1], &byte, 1) < 0) {
  }
  errno = error;
}

int eventdrop_take_signals(void) {
  if (signal_pipe[0] >= 0) return signal_pipe[0];
  if (pipe2(signal_pipe, O_CLOEXEC) != 0) return -1;
  fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
  struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigset_t taken;
  sigemptyset(&taken);
  for (int index = 0; index < 3; index++) {
    sigaction(taken_signals[index], &action, &earlier_actions[index]);
    sigaddset(&taken, taken_signals[index]);
  }
  pthread_sigmask(SIG_UNBLOCK, &taken, NULL);
  return signal_pipe[0];
}

void eventdrop_release_signals(void) {
  for (int index = 0; index < 3; index++) sigaction(taken_signals[index], &earlier_actions[index], NULL);
}

// Those of a small table are copied before they are closed, so closing them can wait for their file system.
int eventdrop_leave_descriptors(void) { return close_range(3, ~0U, CLOSE_RANGE_UNSHARE); }

void eventdrop_give_back_blocks_of(size_t size) { mallopt(M_MMAP_THRESHOLD, (int)size); }
