#define _GNU_SOURCE
#include "CLibPQ.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct eventdrop_pq loaded;
static bool isLoaded;
static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(failure, sizeof failure, "%s", dlerror());
    return;
  }
  // In the order of the structure's members, each of which is a pointer.
  static const char *const names[] = {
      "PQconnectdbParams", "PQstatus", "PQfinish", "PQerrorMessage", "PQsocket", "PQserverVersion",
      "PQsetnonblocking", "PQflush", "PQconsumeInput", "PQisBusy", "PQsendQueryParams", "PQsendPrepare",
      "PQsendQueryPrepared", "PQsendQuery", "PQgetResult", "PQresultStatus", "PQresultErrorField", "PQntuples", "PQnfields", "PQgetvalue",
      "PQgetlength", "PQgetisnull", "PQclear", "PQsetNoticeProcessor",
  };
  _Static_assert(sizeof names / sizeof *names == sizeof loaded / sizeof(void *), "a name for each member");
  void **members = (void **)&loaded;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    members[i] = dlsym(library, names[i]);
    if (!members[i]) {
      snprintf(failure, sizeof failure, "libpq has no %s", names[i]);
      return;
    }
  }
  isLoaded = true;
}

const struct eventdrop_pq *eventdrop_load_pq(const char **why) {
  pthread_once(&once, load);
  if (isLoaded) return &loaded;
  *why = failure;
  return NULL;
}

int eventdrop_pq_wait(int socket, bool forWriting, int milliseconds) {
  struct pollfd one = {.fd = socket, .events = POLLIN | (forWriting ? POLLOUT : 0)};
  int result = poll(&one, 1, milliseconds);
  return result < 0 && errno == EINTR ? 1 : result;
}

static void ignore(void *context, const char *message) {}

void eventdrop_pq_quieten(const struct eventdrop_pq *pq, PGconn *connection) {
  pq->setNoticeProcessor(connection, ignore, NULL);
}
