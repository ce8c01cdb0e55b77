/*
 * Records what a process does to the files of one folder: preloaded (LD_PRELOAD) under a JVM, it sees the calls of the
 * Java library, of leveldbjni's native code and of JNA alike. From the record any number of images can be made of what
 * a power loss leaves behind (VolatileStorage), without running anything again.
 *
 *   CHAINRING_RECORD_FOLDER   the folder whose files are recorded (absolute)
 *   CHAINRING_RECORD_LOG      where the record goes (a file outside)
 *   CHAINRING_RECORD_NOTES    what is written to this file (outside) is recorded in its place among the calls
 *   CHAINRING_RECORD_EINTR    every n-th sync, fallocate and search for holes is interrupted once (EINTR) before it is done; 0 = none
 *
 * One lock is held over a call and its record, so the record has the order of the effects. Syncs are recorded and
 * not done: the run is quick and the record says all. Shared writable mappings are compared with their last state
 * before each record; what changed is recorded as writes.
 *
 *   record: u32 kind | u32 name bytes | u64 inode | u64 a | u64 b | u64 data bytes | name | data     (of this machine's order)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATE = 1, WRITE, LENGTH, SYNC, SYNC_RANGE, SYNC_FOLDER, RENAME, UNLINK, MKDIR, RMDIR, LINK, ZERO, NOTE };

#define FDS 65536
#define MAPS 512
#define PAGE 4096
#define SECTOR 512

struct file { char kind; /* 0 nothing of ours, f file, d folder, n notes */ ino_t inode; char *path; };
struct mapping { char *at; size_t bytes; size_t valid; off_t offset; ino_t inode; char *shadow; };

static struct file files[FDS];
static struct mapping maps[MAPS];
static char folder[PATH_MAX];
static size_t folder_bytes;
static char notes[PATH_MAX];
static int log_fd = -1;
static long interrupt_every, interruptible;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what) {
  dprintf(2, "record.c: %s: %s\n", what, strerror(errno));
  _exit(97);
}

static void put(const void *data, size_t bytes) {
  const char *at = data;
  while (bytes > 0) {
    ssize_t n = syscall(SYS_write, log_fd, at, bytes);
    if (n < 0) { if (errno == EINTR) continue; die("cannot write the record"); }
    at += n;
    bytes -= n;
  }
}

static void record(enum kind kind, ino_t inode, uint64_t a, uint64_t b, const char *name, const void *data, size_t bytes) {
  struct { uint32_t kind, name_bytes; uint64_t inode, a, b, data_bytes; } head = {
    kind, name == NULL ? 0 : strlen(name), inode, a, b, bytes };
  put(&head, sizeof head);
  if (head.name_bytes > 0) put(name, head.name_bytes);
  if (bytes > 0) put(data, bytes);
}

#define REAL(name) ({ static __typeof__(&name) real_; if (real_ == NULL) real_ = dlsym(RTLD_NEXT, #name); real_; })

__attribute__((constructor)) static void begin(void) {
  const char *where = getenv("CHAINRING_RECORD_FOLDER"), *log = getenv("CHAINRING_RECORD_LOG");
  const char *note = getenv("CHAINRING_RECORD_NOTES"), *every = getenv("CHAINRING_RECORD_EINTR");
  if (where == NULL || log == NULL) return;
  snprintf(folder, sizeof folder, "%s", where);
  snprintf(notes, sizeof notes, "%s", note == NULL ? "" : note);
  interrupt_every = every == NULL ? 0 : atol(every);
  log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0) die(log);
  folder_bytes = strlen(folder);
}

static int absolute(const char *path, char *to) {
  if (log_fd < 0 || path == NULL) return 0;
  if (path[0] == '/') {
    snprintf(to, PATH_MAX, "%s", path);
  } else {
    char here[PATH_MAX / 2];
    if (getcwd(here, sizeof here) == NULL) return 0;
    snprintf(to, PATH_MAX, "%s/%.2000s", here, path);
  }
  return 1;
}

static int ours(const char *path, char *to) {
  return absolute(path, to) && strncmp(to, folder, folder_bytes) == 0 && (to[folder_bytes] == 0 || to[folder_bytes] == '/');
}

static struct file *of(int fd) {
  return log_fd >= 0 && fd >= 0 && fd < FDS && files[fd].kind != 0 ? &files[fd] : NULL;
}

/* Records what was stored through mappings since the last record. */
static void look(void) {
  for (int i = 0; i < MAPS; i++) {
    struct mapping *m = &maps[i];
    if (m->at == NULL) continue;
    for (size_t page = 0; page < m->valid; page += PAGE) {
      size_t bytes = m->valid - page < PAGE ? m->valid - page : PAGE;
      if (memcmp(m->at + page, m->shadow + page, bytes) == 0) continue;
      char now[PAGE];
      memcpy(now, m->at + page, bytes);
      for (size_t at = 0; at < bytes; at += SECTOR) {
        size_t part = bytes - at < SECTOR ? bytes - at : SECTOR;
        if (memcmp(now + at, m->shadow + page + at, part) == 0) continue;
        memcpy(m->shadow + page + at, now + at, part);
        record(WRITE, m->inode, m->offset + page + at, 1, NULL, now + at, part);
      }
    }
  }
}

static void enter(void) { pthread_mutex_lock(&lock); }
static void leave(void) { int e = errno; pthread_mutex_unlock(&lock); errno = e; }

static int opened(int fd, const char *path, int flags, int existed) {
  char full[PATH_MAX];
  if (fd < 0 || fd >= FDS || !absolute(path, full)) return fd;
  struct stat s;
  if (strcmp(full, notes) == 0) { files[fd].kind = 'n'; return fd; }
  if (!ours(path, full) || fstat(fd, &s) != 0) return fd;
  if (S_ISDIR(s.st_mode)) {
    files[fd].kind = 'd';
    free(files[fd].path);
    files[fd].path = strdup(full);
  } else if (S_ISREG(s.st_mode)) {
    files[fd].kind = 'f';
  } else {
    return fd;
  }
  files[fd].inode = s.st_ino;
  if (files[fd].kind == 'f' && !existed) {
    look();
    record(CREATE, s.st_ino, 0, 0, full, NULL, 0);
  } else if (files[fd].kind == 'f' && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) {
    look();
    record(LENGTH, s.st_ino, 0, 0, NULL, NULL, 0);
  }
  return fd;
}

static int is_there(const char *path) {
  struct stat s;
  return stat(path, &s) == 0;
}

#define OPEN(name, call) { \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
  if (log_fd < 0) return call; \
  enter(); \
  int existed = (flags & O_CREAT) ? is_there(path) : 1; \
  int fd = call; \
  opened(fd, path, flags, existed); \
  leave(); \
  return fd; }

int open(const char *path, int flags, ...) OPEN(open, REAL(open)(path, flags, mode))
int open64(const char *path, int flags, ...) OPEN(open64, REAL(open64)(path, flags, mode))

static void forget(int fd) {
  if (fd >= 0 && fd < FDS) files[fd].kind = 0;
}

int close(int fd) {
  if (of(fd) == NULL) return REAL(close)(fd);
  enter();
  look();
  forget(fd);
  int r = REAL(close)(fd);
  leave();
  return r;
}

int dup2(int from, int to) {
  if (log_fd < 0) return REAL(dup2)(from, to);
  enter();
  forget(to);
  int r = REAL(dup2)(from, to);
  leave();
  return r;
}

static void wrote(struct file *file, off_t at, const void *data, ssize_t bytes) {
  if (bytes > 0) record(WRITE, file->inode, at, 0, NULL, data, bytes);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  struct file *file = of(fd);
  if (file == NULL) return REAL(write)(fd, data, bytes);
  enter();
  look();
  ssize_t n;
  if (file->kind == 'n') {
    n = REAL(write)(fd, data, bytes);
    if (n > 0) record(NOTE, 0, 0, 0, NULL, data, n);
  } else {
    n = REAL(write)(fd, data, bytes);
    off_t end = lseek(fd, 0, SEEK_CUR);
    wrote(file, end - (n < 0 ? 0 : n), data, n);
  }
  leave();
  return n;
}

#define PWRITE(call) { \
  struct file *file = of(fd); \
  if (file == NULL) return call; \
  enter(); \
  look(); \
  ssize_t n = call; \
  wrote(file, at, data, n); \
  leave(); \
  return n; }

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) PWRITE(REAL(pwrite)(fd, data, bytes, at))
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) PWRITE(REAL(pwrite64)(fd, data, bytes, at))

static void wrote_all(struct file *file, off_t at, const struct iovec *parts, int count, ssize_t n) {
  for (int i = 0; i < count && n > 0; i++) {
    ssize_t part = (ssize_t) parts[i].iov_len < n ? (ssize_t) parts[i].iov_len : n;
    wrote(file, at, parts[i].iov_base, part);
    at += part;
    n -= part;
  }
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  struct file *file = of(fd);
  if (file == NULL || file->kind != 'f') return REAL(writev)(fd, parts, count);
  enter();
  look();
  ssize_t n = REAL(writev)(fd, parts, count);
  wrote_all(file, lseek(fd, 0, SEEK_CUR) - (n < 0 ? 0 : n), parts, count, n);
  leave();
  return n;
}

static void resized(ino_t inode, off_t size) {
  for (int i = 0; i < MAPS; i++) {
    struct mapping *m = &maps[i];
    if (m->at == NULL || m->inode != inode) continue;
    off_t valid = size - m->offset;
    m->valid = valid <= 0 ? 0 : (size_t) valid < m->bytes ? (size_t) valid : m->bytes;
  }
}

#define TRUNCATE(call) { \
  struct file *file = of(fd); \
  if (file == NULL) return call; \
  enter(); \
  look(); \
  int r = call; \
  if (r == 0) { record(LENGTH, file->inode, size, 0, NULL, NULL, 0); resized(file->inode, size); } \
  leave(); \
  return r; }

int ftruncate(int fd, off_t size) TRUNCATE(REAL(ftruncate)(fd, size))
int ftruncate64(int fd, off64_t size) TRUNCATE(REAL(ftruncate64)(fd, size))

/* True, with the turn to record given back, when a signal ends the call. */
static int interrupted(const struct file *file) {
  if (interrupt_every <= 0 || file->kind != 'f' || ++interruptible % interrupt_every != 0) return 0;
  leave();
  errno = EINTR;
  return 1;
}

static int search_interrupted(int fd, int whence) {
  struct file *file = of(fd);
  if (file == NULL || (whence != SEEK_DATA && whence != SEEK_HOLE)) return 0;
  enter();
  if (interrupted(file)) return 1;
  leave();
  return 0;
}

off_t lseek(int fd, off_t at, int whence) { return search_interrupted(fd, whence) ? -1 : REAL(lseek)(fd, at, whence); }
off64_t lseek64(int fd, off64_t at, int whence) { return search_interrupted(fd, whence) ? -1 : REAL(lseek64)(fd, at, whence); }

#define FALLOCATE(call) { \
  struct file *file = of(fd); \
  if (file == NULL) return call; \
  enter(); \
  if (interrupted(file)) return -1; \
  look(); \
  int r = call; \
  if (r == 0 && (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))) record(ZERO, file->inode, at, bytes, NULL, NULL, 0); \
  else if (r == 0) die("an fallocate that is not recorded"); \
  leave(); \
  return r; }

int fallocate(int fd, int mode, off_t at, off_t bytes) FALLOCATE(REAL(fallocate)(fd, mode, at, bytes))
int fallocate64(int fd, int mode, off64_t at, off64_t bytes) FALLOCATE(REAL(fallocate64)(fd, mode, at, bytes))

/* These move bytes between descriptors unseen. */
ssize_t sendfile64(int to, int from, off64_t *at, size_t bytes) {
  if (of(to) != NULL) { errno = EINVAL; return -1; }
  return (ssize_t) syscall(SYS_sendfile, to, from, at, bytes);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t bytes, unsigned flags) {
  if (of(to) != NULL) { errno = ENOSYS; return -1; }
  return syscall(SYS_copy_file_range, from, from_at, to, to_at, bytes, flags);
}

static int synced(int fd, int all) {
  struct file *file = &files[fd];
  enter();
  if (interrupted(file)) return -1;
  look();
  if (file->kind == 'd') record(SYNC_FOLDER, file->inode, 0, 0, file->path, NULL, 0);
  else if (file->kind == 'f') record(SYNC, file->inode, all, 0, NULL, NULL, 0);
  leave();
  return 0;
}

int fsync(int fd) { return of(fd) == NULL ? REAL(fsync)(fd) : synced(fd, 1); }
int fdatasync(int fd) { return of(fd) == NULL ? REAL(fdatasync)(fd) : synced(fd, 0); }

static void mapped(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  struct file *file = of(fd);
  struct stat s;
  if (at == MAP_FAILED || file == NULL || file->kind != 'f' || !(protection & PROT_WRITE) || !(flags & MAP_SHARED)) return;
  enter();
  for (int i = 0; i < MAPS; i++) {
    struct mapping *m = &maps[i];
    if (m->at != NULL) continue;
    *m = (struct mapping) { .at = at, .bytes = bytes, .offset = offset, .inode = file->inode };
    m->shadow = malloc(bytes);
    if (m->shadow == NULL || fstat(fd, &s) != 0) die("a mapping");
    resized(file->inode, s.st_size);
    memset(m->shadow, 0, bytes);
    memcpy(m->shadow, at, m->valid);
    leave();
    return;
  }
  die("too many mappings");
}

#define MMAP(call) { \
  void *r = call; \
  if (log_fd >= 0 && fd >= 0) mapped(r, bytes, protection, flags, fd, offset); \
  return r; }

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
  MMAP((void *) syscall(SYS_mmap, at, bytes, protection, flags, fd, offset))
void *mmap64(void *at, size_t bytes, int protection, int flags, int fd, off64_t offset)
  MMAP((void *) syscall(SYS_mmap, at, bytes, protection, flags, fd, offset))

int munmap(void *at, size_t bytes) {
  int found = -1;
  if (log_fd >= 0) {
    for (int i = 0; i < MAPS; i++) if (maps[i].at != NULL && maps[i].at == (char *) at) found = i;
  }
  if (found < 0) return syscall(SYS_munmap, at, bytes);
  enter();
  look();
  free(maps[found].shadow);
  maps[found].at = NULL;
  int r = syscall(SYS_munmap, at, bytes);
  leave();
  return r;
}

int msync(void *at, size_t bytes, int flags) {
  if (log_fd < 0) return syscall(SYS_msync, at, bytes, flags);
  enter();
  int r = 0, found = 0;
  for (int i = 0; i < MAPS; i++) {
    struct mapping *m = &maps[i];
    if (m->at == NULL || (char *) at < m->at || (char *) at >= m->at + m->bytes) continue;
    found = 1;
    look();
    if (flags & MS_SYNC) record(SYNC_RANGE, m->inode, m->offset + ((char *) at - m->at), bytes, NULL, NULL, 0);
    break;
  }
  if (!found) r = syscall(SYS_msync, at, bytes, flags);
  leave();
  return r;
}

static int named(enum kind kind, const char *path, int result) {
  char full[PATH_MAX];
  if (result == 0 && ours(path, full)) record(kind, 0, 0, 0, full, NULL, 0);
  return result;
}

#define NAMED(kind, call) { \
  if (log_fd < 0) return call; \
  enter(); \
  look(); \
  int r = named(kind, path, call); \
  leave(); \
  return r; }

int unlink(const char *path) NAMED(UNLINK, REAL(unlink)(path))
int remove(const char *path) { struct stat s; return lstat(path, &s) == 0 && S_ISDIR(s.st_mode) ? rmdir(path) : unlink(path); }
int mkdir(const char *path, mode_t mode) NAMED(MKDIR, REAL(mkdir)(path, mode))
int rmdir(const char *path) NAMED(RMDIR, REAL(rmdir)(path))

static int two(enum kind kind, const char *from, const char *to, int result) {
  char a[PATH_MAX], b[PATH_MAX];
  int ours_from = ours(from, a), ours_to = ours(to, b);
  if (result == 0 && ours_from && ours_to) record(kind, 0, 0, 0, a, b, strlen(b));
  else if (result == 0 && (ours_from || ours_to)) die("a name that leaves or enters the folder");
  return result;
}

#define TWO(kind, call) { \
  if (log_fd < 0) return call; \
  enter(); \
  look(); \
  int r = two(kind, from, to, call); \
  leave(); \
  return r; }

int rename(const char *from, const char *to) TWO(RENAME, REAL(rename)(from, to))
int link(const char *from, const char *to) TWO(LINK, REAL(link)(from, to))
