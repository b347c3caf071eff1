/// libnats for Swift: the few functions that a fleet needs.
///
/// libnats is loaded and not linked: only a host with `fleet:` needs it. C checks the loaded functions against libnats's
/// own headers, which Swift cannot do with what dlsym returns.
#ifndef CNATS_H
#define CNATS_H

#include <stdbool.h>
#include <stdint.h>

/// How to reach the servers. NULL leaves a setting out.
typedef struct {
    const char *const *servers;
    int server_count;
    const char *name;
    const char *user, *password;
    /// A file of a user's JWT and seed.
    const char *credentials;
    /// A user's public NKey and the file of its seed.
    const char *nkey, *nkey_seed;
    bool uses_tls;
    /// PEM files.
    const char *ca, *certificate, *key;
} cnats_settings;

typedef struct cnats_connection cnats_connection;
typedef struct cnats_message cnats_message;

/// A connection ends with `CNATS_CLOSED`, without a detail if no server answers, or with `CNATS_REFUSED` if it cannot
/// come about with these settings: the servers refuse the user, one side does not trust the other, or a file is missing.
typedef enum { CNATS_CONNECTED, CNATS_DISCONNECTED, CNATS_CLOSED, CNATS_REFUSED, CNATS_TROUBLE } cnats_change;

/// Receives messages and changes of the connection, on threads of libnats. `context` is a number, so that a late call
/// reaches nothing that is gone.
typedef struct {
    uint64_t context;
    void (*message)(uint64_t context, cnats_message *message);
    void (*change)(uint64_t context, cnats_change change, const char *detail);
} cnats_sink;

/// Loads the library. Once is enough. NULL, or the reason if it cannot be loaded.
const char *cnats_load(void);

/// Connects, which takes up to two seconds a server. The sink hears of the success or of the end before it returns. The
/// library renews a connection that is lost later. The other functions need `cnats_load` to have succeeded.
///
/// Returns NULL, or why the settings cannot be used.
const char *cnats_connect(cnats_connection **connection, const cnats_settings *settings, cnats_sink sink);

/// Closes the connection and frees it. Not from a sink.
void cnats_close(cnats_connection *connection);

/// Subscribes for as long as the connection lasts. NULL, or the reason of the failure. On one that has ended it does
/// nothing.
const char *cnats_subscribe(cnats_connection *connection, const char *subject);

/// Publishes a message while the connection is up. NULL, or the reason of the failure.
///
/// `headers` holds `header_count` pairs of a name and a value.
const char *cnats_publish(
    cnats_connection *connection, const char *subject, const char *reply, const char *const *headers, int header_count,
    const void *payload, int length, bool *is_too_large);

/// The parts of a message, which lasts as long as the call of the sink. NULL where it has no such part.
const char *cnats_message_subject(cnats_message *message);
const char *cnats_message_reply(cnats_message *message);
const char *cnats_message_header(cnats_message *message, const char *name);
const void *cnats_message_payload(cnats_message *message, int *length);

#endif
