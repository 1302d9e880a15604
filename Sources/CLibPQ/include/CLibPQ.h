// The part of libpq (PostgreSQL 18, chapter 32) that eventdrop calls.
//
// It is loaded on demand instead of linked: it brings LDAP, Kerberos and their threads into each process, and most have
// no use for it. Hence these declarations; the library's ABI version has been 5 since 2006.
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

// ConnStatusType, ExecStatusType.
enum { EVENTDROP_PQ_CONNECTION_OK = 0 };
enum { EVENTDROP_PQ_COMMAND_OK = 1, EVENTDROP_PQ_TUPLES_OK = 2 };
// PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY.
enum { EVENTDROP_PQ_SQLSTATE = 'C', EVENTDROP_PQ_MESSAGE = 'M' };

struct eventdrop_pq {
  PGconn *(*connectdbParams)(const char *const *keywords, const char *const *values, int expand);
  int (*status)(const PGconn *);
  void (*finish)(PGconn *);
  char *(*errorMessage)(const PGconn *);
  int (*socket)(const PGconn *);
  int (*serverVersion)(const PGconn *);
  int (*setnonblocking)(PGconn *, int);
  int (*flush)(PGconn *);
  int (*consumeInput)(PGconn *);
  int (*isBusy)(PGconn *);
  int (*sendQueryParams)(
      PGconn *, const char *command, int count, const unsigned *types, const char *const *values, const int *lengths,
      const int *formats, int resultFormat);
  int (*sendPrepare)(PGconn *, const char *name, const char *query, int count, const unsigned *types);
  int (*sendQueryPrepared)(
      PGconn *, const char *name, int count, const char *const *values, const int *lengths, const int *formats,
      int resultFormat);
  int (*sendQuery)(PGconn *, const char *commands);
  PGresult *(*getResult)(PGconn *);
  int (*resultStatus)(const PGresult *);
  char *(*resultErrorField)(const PGresult *, int field);
  int (*ntuples)(const PGresult *);
  int (*nfields)(const PGresult *);
  char *(*getvalue)(const PGresult *, int row, int column);
  int (*getlength)(const PGresult *, int row, int column);
  int (*getisnull)(const PGresult *, int row, int column);
  void (*clear)(PGresult *);
  void *(*setNoticeProcessor)(PGconn *, void (*)(void *, const char *), void *);
};

// Loads libpq, once: NULL if it is missing, or lacks any of these; `why` is then set. Any thread may call it.
const struct eventdrop_pq *eventdrop_load_pq(const char **why);

// Waits until a socket can be read, or also written, or the time is over. Returns what poll(2) does.
int eventdrop_pq_wait(int socket, bool forWriting, int milliseconds);

// Discards the server's notices (NOTICE).
void eventdrop_pq_quieten(const struct eventdrop_pq *pq, PGconn *connection);
