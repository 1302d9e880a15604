// A small pass-through FUSE server, as a stand-in for file systems that others write to: needs root and /dev/fuse.
//
//   passfuse SOURCE MOUNTPOINT [norename2] [nolink] [linkinodes]
//
// SOURCE is written to from the other machine's side. norename2 answers ENOSYS to flags of rename, nolink refuses hard
// links, linkinodes shows each name of a file with its own inode number. It ends when it is unmounted; if killed, it
// leaves a mount that answers ENOTCONN, and if stopped by SIGUSR2, one that hangs. That stops it between two questions,
// because a process whose question it has taken cannot be killed.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

static int dev, root;
static volatile sig_atomic_t is_to_stop;
static void note_stop(int number) { (void)number; is_to_stop = 1; }
static int no_rename2, no_link, link_inodes;
static struct { char *path; } nodes[1 << 16];
static unsigned count = 2;

static char *path_of(uint64_t id) { return nodes[id].path; }
static uint64_t node_of(const char *path) {
  for (unsigned i = 1; i < count; i++) if (nodes[i].path && !strcmp(nodes[i].path, path)) return i;
  nodes[count].path = strdup(path);
  return count++;
}
static char *join(uint64_t parent, const char *name) {
  static char buffers[4][8192]; static int next;
  char *b = buffers[next++ & 3];
  snprintf(b, 8192, "%s/%s", path_of(parent), name);
  return b;
}
static void reply(uint64_t unique, int error, const void *data, size_t size) {
  struct fuse_out_header h = {.len = sizeof h + (error ? 0 : size), .error = -error, .unique = unique};
  struct iovec v[2] = {{&h, sizeof h}, {(void *)data, error ? 0 : size}};
  writev(dev, v, 2);
}
static int attr_of(uint64_t id, struct fuse_attr *a) {
  struct stat s;
  if (fstatat(root, path_of(id), &s, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  memset(a, 0, sizeof *a);
  a->ino = link_inodes && S_ISREG(s.st_mode) ? id + 1000000 : s.st_ino;
  a->size = s.st_size; a->blocks = s.st_blocks; a->mode = s.st_mode;
  a->nlink = link_inodes ? 1 : s.st_nlink; a->uid = s.st_uid; a->gid = s.st_gid; a->blksize = 4096;
  a->atime = s.st_atim.tv_sec; a->atimensec = s.st_atim.tv_nsec;
  a->mtime = s.st_mtim.tv_sec; a->mtimensec = s.st_mtim.tv_nsec;
  a->ctime = s.st_ctim.tv_sec; a->ctimensec = s.st_ctim.tv_nsec;
  return 0;
}
static int entry(uint64_t parent, const char *name, struct fuse_entry_out *e) {
  char *p = join(parent, name);
  struct stat s;
  if (fstatat(root, p, &s, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  memset(e, 0, sizeof *e);
  e->nodeid = node_of(p);
  e->generation = 1;
  return attr_of(e->nodeid, &e->attr);
}
static void forget_path(const char *p) {
  for (unsigned i = 2; i < count; i++) if (nodes[i].path && !strcmp(nodes[i].path, p)) { nodes[i].path = strdup("./.gone"); }
}
static void moved(const char *from, const char *to) {
  forget_path(to);
  size_t n = strlen(from);
  for (unsigned i = 2; i < count; i++) {
    char *p = nodes[i].path;
    if (p && !strncmp(p, from, n) && (p[n] == 0 || p[n] == '/')) {
      char b[8192]; snprintf(b, sizeof b, "%s%s", to, p + n); nodes[i].path = strdup(b);
    }
  }
}
#define CHECK(x) ((x) < 0 ? errno : 0)

int main(int argc, char **argv) {
  for (int i = 3; i < argc; i++) {
    if (!strcmp(argv[i], "norename2")) no_rename2 = 1;
    if (!strcmp(argv[i], "nolink")) no_link = 1;
    if (!strcmp(argv[i], "linkinodes")) link_inodes = 1;
  }
  root = open(argv[1], O_RDONLY | O_DIRECTORY);
  dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", dev);
  if (root < 0 || dev < 0 || mount("passfuse", argv[2], "fuse", 0, options) < 0) { perror("passfuse"); return 1; }
  nodes[1].path = strdup(".");
  static char in[1 << 20 | 4096];
  static char out[1 << 20];
  // Blocked except while it waits for a question.
  sigset_t usr2, none;
  sigemptyset(&none);
  sigemptyset(&usr2);
  sigaddset(&usr2, SIGUSR2);
  sigprocmask(SIG_BLOCK, &usr2, NULL);
  sigaction(SIGUSR2, &(struct sigaction){.sa_handler = note_stop}, NULL);
  while (1) {
    struct pollfd question = {.fd = dev, .events = POLLIN};
    if (ppoll(&question, 1, NULL, &none) < 0 || is_to_stop) {
      if (is_to_stop) { is_to_stop = 0; raise(SIGSTOP); }
      continue;
    }
    ssize_t n = read(dev, in, sizeof in);
    if (n < 0) { if (errno == EINTR || errno == ENOENT) continue; return errno == ENODEV ? 0 : 1; }
    struct fuse_in_header *h = (void *)in;
    void *arg = in + sizeof *h;
    uint64_t id = h->nodeid, u = h->unique;
    int e = 0;
    switch (h->opcode) {
    case FUSE_INIT: {
      struct fuse_init_in *i = arg;
      struct fuse_init_out o = {.major = 7, .minor = 31, .max_readahead = i->max_readahead, .max_write = 1 << 17, .time_gran = 1, .max_background = 16, .congestion_threshold = 12};
      reply(u, 0, &o, sizeof o); break; }
    case FUSE_LOOKUP: { struct fuse_entry_out o; e = entry(id, arg, &o); reply(u, e, &o, sizeof o); break; }
    case FUSE_FORGET: case FUSE_BATCH_FORGET: break;
    case FUSE_GETATTR: { struct fuse_attr_out o = {0}; e = attr_of(id, &o.attr); reply(u, e, &o, sizeof o); break; }
    case FUSE_SETATTR: { struct fuse_setattr_in *i = arg; char *p = path_of(id);
      if (i->valid & FATTR_MODE) e = CHECK(fchmodat(root, p, i->mode & 07777, 0));
      if (!e && i->valid & (FATTR_UID | FATTR_GID)) e = CHECK(fchownat(root, p, i->valid & FATTR_UID ? i->uid : -1, i->valid & FATTR_GID ? i->gid : -1, AT_SYMLINK_NOFOLLOW));
      if (!e && i->valid & FATTR_SIZE) { int f = openat(root, p, O_WRONLY); e = f < 0 ? errno : CHECK(ftruncate(f, i->size)); if (f >= 0) close(f); }
      struct fuse_attr_out o = {0}; if (!e) e = attr_of(id, &o.attr); reply(u, e, &o, sizeof o); break; }
    case FUSE_OPENDIR: { int f = openat(root, path_of(id), O_RDONLY | O_DIRECTORY); struct fuse_open_out o = {0}; if (f < 0) e = errno; else o.fh = (uint64_t)(uintptr_t)fdopendir(f); reply(u, e, &o, sizeof o); break; }
    case FUSE_READDIR: { struct fuse_read_in *i = arg; DIR *d = (DIR *)(uintptr_t)i->fh; size_t used = 0; if (i->offset == 0) rewinddir(d); else seekdir(d, i->offset); struct dirent *x;
      while ((x = readdir(d))) { struct fuse_dirent *t = (void *)(out + used); size_t l = strlen(x->d_name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + l);
        if (used + size > i->size) break; memset(t, 0, size); t->ino = x->d_ino; t->off = telldir(d); t->namelen = l; t->type = x->d_type; memcpy(t->name, x->d_name, l); used += size; }
      reply(u, 0, out, used); break; }
    case FUSE_RELEASEDIR: { struct fuse_release_in *i = arg; closedir((DIR *)(uintptr_t)i->fh); reply(u, 0, 0, 0); break; }
    case FUSE_OPEN: { struct fuse_open_in *i = arg; int f = openat(root, path_of(id), (i->flags & ~(O_CREAT | O_EXCL | O_NOCTTY)) | O_NOFOLLOW); struct fuse_open_out o = {0}; if (f < 0) e = errno; o.fh = f; reply(u, e, &o, sizeof o); break; }
    case FUSE_CREATE: { struct fuse_create_in *i = arg; char *name = (char *)(i + 1); char *p = join(id, name); int f = openat(root, p, i->flags | O_CREAT, i->mode & 07777);
      struct { struct fuse_entry_out e; struct fuse_open_out o; } o = {0}; if (f < 0) e = errno; else { e = entry(id, name, &o.e); o.o.fh = f; } reply(u, e, &o, sizeof o); break; }
    case FUSE_READ: { struct fuse_read_in *i = arg; ssize_t r = pread(i->fh, out, i->size, i->offset); reply(u, r < 0 ? errno : 0, out, r < 0 ? 0 : r); break; }
    case FUSE_WRITE: { struct fuse_write_in *i = arg; ssize_t r = pwrite(i->fh, i + 1, i->size, i->offset); struct fuse_write_out o = {.size = r}; reply(u, r < 0 ? errno : 0, &o, sizeof o); break; }
    case FUSE_FLUSH: case FUSE_FSYNC: case FUSE_FSYNCDIR: reply(u, 0, 0, 0); break;
    case FUSE_RELEASE: { struct fuse_release_in *i = arg; close(i->fh); reply(u, 0, 0, 0); break; }
    case FUSE_MKDIR: { struct fuse_mkdir_in *i = arg; char *name = (char *)(i + 1); struct fuse_entry_out o; e = CHECK(mkdirat(root, join(id, name), i->mode)); if (!e) e = entry(id, name, &o); reply(u, e, &o, sizeof o); break; }
    case FUSE_UNLINK: { char *p = join(id, arg); e = CHECK(unlinkat(root, p, 0)); if (!e) forget_path(p); reply(u, e, 0, 0); break; }
    case FUSE_RMDIR: { char *p = join(id, arg); e = CHECK(unlinkat(root, p, AT_REMOVEDIR)); if (!e) forget_path(p); reply(u, e, 0, 0); break; }
    case FUSE_RENAME: { struct fuse_rename_in *i = arg; char *a = (char *)(i + 1), *b = a + strlen(a) + 1; char *from = join(id, a), *to = join(i->newdir, b); e = CHECK(renameat(root, from, root, to)); if (!e) moved(from, to); reply(u, e, 0, 0); break; }
    case FUSE_RENAME2: { struct fuse_rename2_in *i = arg; char *a = (char *)(i + 1), *b = a + strlen(a) + 1; char *from = join(id, a), *to = join(i->newdir, b); e = no_rename2 ? ENOSYS : CHECK(renameat2(root, from, root, to, i->flags)); if (!e) moved(from, to); reply(u, e, 0, 0); break; }
    case FUSE_LINK: { struct fuse_link_in *i = arg; char *name = (char *)(i + 1); struct fuse_entry_out o; e = no_link ? EPERM : CHECK(linkat(root, path_of(i->oldnodeid), root, join(id, name), 0)); if (!e) e = entry(id, name, &o); reply(u, e, &o, sizeof o); break; }
    case FUSE_SYMLINK: { char *name = arg, *target = name + strlen(name) + 1; struct fuse_entry_out o; e = CHECK(symlinkat(target, root, join(id, name))); if (!e) e = entry(id, name, &o); reply(u, e, &o, sizeof o); break; }
    case FUSE_READLINK: { ssize_t r = readlinkat(root, path_of(id), out, 4096); reply(u, r < 0 ? errno : 0, out, r < 0 ? 0 : r); break; }
    case FUSE_STATFS: { struct statvfs s; fstatvfs(root, &s); struct fuse_statfs_out o = {.st = {.blocks = s.f_blocks, .bfree = s.f_bfree, .bavail = s.f_bavail, .files = s.f_files, .ffree = s.f_ffree, .bsize = s.f_bsize, .namelen = 255, .frsize = s.f_frsize}}; reply(u, 0, &o, sizeof o); break; }
    case FUSE_INTERRUPT: break;
    case FUSE_DESTROY: return 0;
    default: reply(u, ENOSYS, 0, 0);
    }
  }
}
