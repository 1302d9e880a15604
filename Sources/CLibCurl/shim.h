// libcurl, and what Swift cannot call in it: variadic functions, and computed macros.
//
// They are inline functions here, so that only the room that imports libcurl is linked with it.
#pragma once
#include <curl/curl.h>
#include <errno.h>
#include <sys/socket.h>

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
typedef size_t (*eventdrop_curl_sink)(char *bytes, size_t size, size_t count, void *context);

// curl_global_init(3); to be called once, before any other thread uses libcurl.
static inline CURLcode eventdrop_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// curl_easy_setopt(3) by the type of its third argument.
static inline CURLcode eventdrop_curl_set_number(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode eventdrop_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode eventdrop_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode eventdrop_curl_set_sink(CURL *easy, CURLoption option, eventdrop_curl_sink value) {
  return curl_easy_setopt(easy, option, value);
}

// What is checked before a request is sent, and how often one has been.
struct eventdrop_curl_admission {
  CURL *easy;
  int granted;
};

// Whether a request may use the connection that was chosen for it: a new one; or an old one without unread data. What
// came before the request cannot be its answer (CURLOPT_PREREQFUNCTION(3)).
//
// It is sent once: libcurl would send it again by itself after a kept connection has ended without an answer, and the
// first may have been read and processed.
static inline int eventdrop_curl_admit_quiet(void *context, char *peer, char *own, int peer_port, int own_port) {
  (void)peer;
  (void)own;
  (void)peer_port;
  (void)own_port;
  struct eventdrop_curl_admission *admission = context;
  if (admission->granted > 0) return CURL_PREREQFUNC_ABORT;
  long made = 0;
  curl_socket_t connection = CURL_SOCKET_BAD;
  char byte;
  if (curl_easy_getinfo(admission->easy, CURLINFO_NUM_CONNECTS, &made) != CURLE_OK || made <= 0) {
    if (curl_easy_getinfo(admission->easy, CURLINFO_ACTIVESOCKET, &connection) != CURLE_OK) return CURL_PREREQFUNC_ABORT;
    if (connection == CURL_SOCKET_BAD) return CURL_PREREQFUNC_ABORT;
    if (recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) return CURL_PREREQFUNC_ABORT;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return CURL_PREREQFUNC_ABORT;
  }
  admission->granted++;
  return CURL_PREREQFUNC_OK;
}

// Makes each request check that; `admission` must outlive the handle.
static inline CURLcode eventdrop_curl_set_admission(CURL *easy, struct eventdrop_curl_admission *admission) {
  admission->easy = easy;
  admission->granted = 0;
  CURLcode result = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, eventdrop_curl_admit_quiet);
  if (result != CURLE_OK) return result;
  return curl_easy_setopt(easy, CURLOPT_PREREQDATA, admission);
}

// How many bytes of the body were handed over (CURLINFO_SIZE_UPLOAD_T(3)).
static inline curl_off_t eventdrop_curl_sent(CURL *easy) {
  curl_off_t sent = 0;
  return curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK ? sent : 0;
}

// A POST of these bytes, which are copied.
static inline CURLcode eventdrop_curl_set_body(CURL *easy, const void *bytes, size_t count) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_POST, 1L);
  if (result != CURLE_OK) return result;
  result = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  if (result != CURLE_OK) return result;
  return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

// Only HTTP and HTTPS, whatever else the library was built with.
static inline CURLcode eventdrop_curl_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// What remains of a mail to be sent.
struct eventdrop_curl_mail {
  const char *bytes;
  size_t count;
};

static inline size_t eventdrop_curl_read_mail(char *buffer, size_t size, size_t count, void *context) {
  struct eventdrop_curl_mail *left = context;
  size_t room = size * count, given = left->count < room ? left->count : room;
  for (size_t index = 0; index < given; index++) buffer[index] = left->bytes[index];
  left->bytes += given;
  left->count -= given;
  return given;
}

// Sends a mail over SMTP; the error's text goes to a buffer of CURL_ERROR_SIZE.
static inline CURLcode eventdrop_curl_send_mail(
    const char *url, const char *from, struct curl_slist *to, const void *bytes, size_t count, long timeout,
    long needs_tls, char *error) {
  CURL *easy = curl_easy_init();
  if (!easy) return CURLE_FAILED_INIT;
  struct eventdrop_curl_mail left = {bytes, count};
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode result = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
  CURLcode result = curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
  if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_URL, url);
  if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
  if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
  if (result == CURLE_OK)
    result = curl_easy_setopt(easy, CURLOPT_USE_SSL, needs_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, eventdrop_curl_read_mail);
  curl_easy_setopt(easy, CURLOPT_READDATA, &left);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  if (result == CURLE_OK) result = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  return result;
}

// curl_easy_getinfo(3).
static inline CURLcode eventdrop_curl_get_number(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

// curl_multi_info_read(3): the next transfer that has ended, and its result; NULL if there is none.
static inline CURL *eventdrop_curl_next_ended(CURLM *multi, CURLcode *result) {
  int waiting = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &waiting))) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}
