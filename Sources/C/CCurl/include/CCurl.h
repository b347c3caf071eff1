#pragma once
#include <curl/curl.h>

// The parts of libcurl that Swift cannot call: its variadic functions, one for each type of value, and its macros.

CURLcode ccurl_global_init(void);

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
/// Sends `token` to the host of the URL, and to no other that it redirects to.
CURLcode ccurl_set_bearer(CURL *handle, const char *token);
/// Answers the server's digest challenge, of MD5 or SHA-256, and no other kind.
CURLcode ccurl_set_digest(CURL *handle, const char *user, const char *password);
/// Answers the server's challenge, Basic or digest, with the user name and password of the URL.
CURLcode ccurl_set_any_login(CURL *handle);
/// `headers` must outlive the transfer.
CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *headers);
/// `context` is the last argument that `receive` gets.
CURLcode ccurl_set_receiver(CURL *handle, curl_write_callback receive, void *context);
/// `buffer`: CURL_ERROR_SIZE bytes that outlive the handle's use.
CURLcode ccurl_set_error_buffer(CURL *handle, char *buffer);

/// 0 if there is none.
long ccurl_get_long(CURL *handle, CURLINFO info);
/// 0 if there is none.
curl_off_t ccurl_get_offset(CURL *handle, CURLINFO info);
/// libcurl's own memory, valid until the handle's next request; NULL if there is none.
const char *ccurl_get_string(CURL *handle, CURLINFO info);
/// The header `name` of the last response; the same lifetime.
const char *ccurl_header(CURL *handle, const char *name);
