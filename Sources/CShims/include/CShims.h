// What Swift cannot express: variadic system calls, and computed constants.
#pragma once
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// openat(2) with O_TMPFILE: a file without a name as yet. Write only, closed on exec.
int eventdrop_open_unnamed(int folder, mode_t mode);

// linkat(2) of /proc/self/fd/FILE: gives an unnamed file its name, EEXIST if the name is taken (open(2), O_TMPFILE).
int eventdrop_link_unnamed(int file, int folder, const char *name);

// renameat2(2) with RENAME_NOREPLACE.
int eventdrop_rename_exclusive(int from_folder, const char *from, int to_folder, const char *to);

// syncfs(2).
int eventdrop_syncfs(int descriptor);

// getdents64(2); the entries are read with eventdrop_entry.
ssize_t eventdrop_read_entries(int folder, void *buffer, size_t size);

struct eventdrop_entry {
  uint64_t inode;
  uint8_t type;  // DT_REG, DT_DIR, …, DT_UNKNOWN
  const char *name;
  size_t name_length;
  size_t length;  // the offset of the next entry from this one
};
struct eventdrop_entry eventdrop_entry_at(const void *buffer, size_t offset);

// fcntl(2) F_SETLEASE with F_RDLCK: fails with EAGAIN while any process has the file open for writing.
int eventdrop_take_read_lease(int descriptor);
int eventdrop_drop_lease(int descriptor);

// fcntl(2) F_OFD_SETLK with F_WRLCK on the whole file; EAGAIN or EACCES if another process holds it.
int eventdrop_lock_whole_file(int descriptor);

// fcntl(2) F_OFD_GETLK: 1 if another process has such a lock, 0 if none has; it takes none.
int eventdrop_is_file_locked(int descriptor);

// flock(2) without waiting, exclusive or shared; EAGAIN if another open description has such a lock.
int eventdrop_lock_folder(int descriptor, int is_shared);

// fstatfs(2): the type of the file system, as in linux/magic.h; -1 if unknown.
int64_t eventdrop_file_system_type(int descriptor);

// memmem(3).
const void *eventdrop_find(const void *all, size_t size, const void *wanted, size_t wanted_size);

// iconv_open(3), iconv(3), iconv_close(3); the descriptor is null if the conversion is not supported.
void *eventdrop_iconv_open(const char *to, const char *from);
size_t eventdrop_iconv(void *descriptor, const char **input, size_t *input_left, char **output, size_t *output_left);
void eventdrop_iconv_close(void *descriptor);

// ioctl(2) FS_IOC_SHUTDOWN without a log flush: what is not on disk is lost, as in a power cut. Needs root.
int eventdrop_shut_file_system_down(int descriptor);

// sem_clockwait(3) by CLOCK_MONOTONIC, at most so many nanoseconds: 0, or -1 with ETIMEDOUT.
int eventdrop_wait_within(sem_t *semaphore, int64_t nanoseconds);

// pthread_setname_np(3) for the calling thread.
void eventdrop_name_thread(const char *name);

// Makes SIGTERM, SIGINT and SIGHUP write their number as a byte to a pipe, instead of ending the process; they are
// unblocked if whoever started this program has blocked them. Returns the end to read from, or -1.
int eventdrop_take_signals(void);

// Restores the previous handling of these signals.
void eventdrop_release_signals(void);

// close_range(2) with CLOSE_RANGE_UNSHARE: the calling thread gets a table of descriptors of its own, with 0, 1 and 2
// only; the other threads keep theirs. Returns 0, or -1 if the system cannot do that.
int eventdrop_leave_descriptors(void);

// mallopt(3) M_MMAP_THRESHOLD: blocks of this size or more go back to the system as soon as they are free.
void eventdrop_give_back_blocks_of(size_t size);
