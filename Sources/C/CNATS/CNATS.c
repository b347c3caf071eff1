#include "CNATS.h"

#include <dlfcn.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(x) #x
#define SONAME(major, minor) "libnats.so." TEXT(major) "." TEXT(minor)

#define FUNCTIONS(X)                                                                                                \
    X(nats_GetLastError) X(natsStatus_GetText)                                                                      \
    X(natsOptions_Create) X(natsOptions_Destroy) X(natsOptions_SetServers) X(natsOptions_SetName)                   \
    X(natsOptions_SetUserInfo) X(natsOptions_SetUserCredentialsFromFiles) X(natsOptions_SetNKeyFromSeed)            \
    X(natsOptions_SetSecure) X(natsOptions_LoadCATrustedCertificates) X(natsOptions_LoadCertificatesChain)          \
    X(natsOptions_SetPingInterval) X(natsOptions_SetMaxPingsOut) X(natsOptions_SetTimeout)                          \
    X(natsOptions_SetMaxReconnect) X(natsOptions_SetReconnectWait) X(natsOptions_SetReconnectJitter)                \
    X(natsOptions_SetWriteDeadline) X(natsOptions_SetErrorHandler) X(natsOptions_SetClosedCB)                       \
    X(natsOptions_SetDisconnectedCB) X(natsOptions_SetReconnectedCB) X(natsOptions_UseGlobalMessageDelivery)        \
    X(natsOptions_SetMaxPendingMsgs)                                                                                \
    X(natsConnection_Connect) X(natsConnection_Close) X(natsConnection_Destroy) X(natsConnection_Status)            \
    X(natsConnection_Subscribe) X(natsConnection_PublishMsg) X(natsConnection_GetLastError)                         \
    X(natsSubscription_Destroy)                                                                                     \
    X(natsMsg_Create) X(natsMsg_Destroy) X(natsMsg_GetSubject) X(natsMsg_GetReply) X(natsMsg_GetData)               \
    X(natsMsg_GetDataLength) X(natsMsgHeader_Set) X(natsMsgHeader_Get)

#define POINTER(name) __typeof__(&name) name;
static struct { FUNCTIONS(POINTER) } lib;

/* The messages that are done with: the library frees them on a thread of its own, which each one would wake, so it gets
   many at once. */
static struct {
    pthread_mutex_t lock;
    natsMsg *messages[64];
    int count, bytes;
} spent = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct cnats_connection {
    /* NULL if it did not come about. */
    natsConnection *connection;
    natsOptions *options;
    natsSubscription *subscriptions[4];
    int subscription_count;
    /* What the callbacks get. */
    cnats_sink *sink;
};

const char *cnats_load(void) {
    void *library = dlopen(SONAME(NATS_VERSION_MAJOR, NATS_VERSION_MINOR), RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
#define LOAD(name) if (!(*(void **)&lib.name = dlsym(library, #name))) return dlerror();
    FUNCTIONS(LOAD)
    return NULL;
}

/* The library's last error of this thread, which says more than a status, such as which file cannot be read. Its text
   begins with a place in the library's source. */
static const char *last_error(natsStatus *status) {
    const char *detail = lib.nats_GetLastError(status);
    const char *place = detail && *detail == '(' ? strstr(detail, "): ") : NULL;
    return place ? place + 3 : detail;
}

static const char *text(natsStatus status) {
    if (status == NATS_OK) return NULL;
    natsStatus last = NATS_OK;
    const char *detail = last_error(&last);
    return detail && *detail && last == status ? detail : lib.natsStatus_GetText(status);
}

/* With the lock. */
static void destroy_spent(void) {
    for (int i = 0; i < spent.count; i++) lib.natsMsg_Destroy(spent.messages[i]);
    spent.count = spent.bytes = 0;
}

static void discard(natsMsg *message) {
    const int most = sizeof spent.messages / sizeof *spent.messages, most_bytes = 1 << 16;
    if (!message) return;
    pthread_mutex_lock(&spent.lock);
    spent.messages[spent.count++] = message;
    spent.bytes += lib.natsMsg_GetDataLength(message);
    if (spent.count == most || spent.bytes >= most_bytes) destroy_spent();
    pthread_mutex_unlock(&spent.lock);
}

static void connected(natsConnection *connection, void *closure) {
    (void)connection;
    cnats_sink *sink = closure;
    sink->change(sink->context, CNATS_CONNECTED, NULL);
}

static void disconnected(natsConnection *connection, void *closure) {
    cnats_sink *sink = closure;
    const char *detail = NULL;
    lib.natsConnection_GetLastError(connection, &detail);
    sink->change(sink->context, CNATS_DISCONNECTED, detail);
}

static bool is_unreadable(const char *file) { return file && access(file, R_OK) != 0; }

/* Without settings, of a connection that had come about. */
static void end(const cnats_sink *sink, const cnats_settings *settings, natsStatus status, const char *detail) {
    cnats_change change = CNATS_CLOSED;
    switch (status) {
    case NATS_NO_SERVER: detail = NULL; break;
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_SSL_ERROR: change = CNATS_REFUSED; break;
    case NATS_SECURE_CONNECTION_REQUIRED:
    case NATS_SECURE_CONNECTION_WANTED:
        change = CNATS_REFUSED;
        detail = "one side uses TLS and the other does not";
        break;
    /* In TLS 1.3 a client learns that its certificate is refused when it reads the first time. */
    case NATS_PROTOCOL_ERROR:
    case NATS_IO_ERROR:
    case NATS_CONNECTION_CLOSED:
        if (settings && settings->uses_tls) {
            change = CNATS_REFUSED;
            detail = settings->certificate ? "the server ended the connection: does it trust the client's certificate?"
                                           : "the server ended the connection: does it want a client's certificate?";
        }
        break;
    case NATS_ERR:
        if (settings && (is_unreadable(settings->credentials) || is_unreadable(settings->nkey_seed)))
            change = CNATS_REFUSED;
        break;
    default: break;
    }
    sink->change(sink->context, change, detail);
}

static void closed(natsConnection *connection, void *closure) {
    const char *detail = NULL;
    natsStatus status = lib.natsConnection_GetLastError(connection, &detail);
    end(closure, NULL, status, detail);
}

static void trouble(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *closure) {
    (void)subscription;
    cnats_sink *sink = closure;
    const char *detail = NULL;
    lib.natsConnection_GetLastError(connection, &detail);
    sink->change(sink->context, CNATS_TROUBLE, detail && *detail ? detail : lib.natsStatus_GetText(status));
}

static void received(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure) {
    (void)connection, (void)subscription;
    cnats_sink *sink = closure;
    sink->message(sink->context, (cnats_message *)message);
    discard(message);
}

static natsStatus configure(natsOptions *options, const cnats_settings *settings, cnats_sink *sink) {
    natsStatus status = NATS_OK;
#define DO(call) if (status == NATS_OK) status = lib.call
    DO(natsOptions_SetServers(options, (const char **)settings->servers, settings->server_count));
    DO(natsOptions_SetName(options, settings->name));
    if (settings->user) DO(natsOptions_SetUserInfo(options, settings->user, settings->password));
    if (settings->credentials) DO(natsOptions_SetUserCredentialsFromFiles(options, settings->credentials, NULL));
    if (settings->nkey) DO(natsOptions_SetNKeyFromSeed(options, settings->nkey, settings->nkey_seed));
    if (settings->uses_tls) DO(natsOptions_SetSecure(options, true));
    if (settings->ca) DO(natsOptions_LoadCATrustedCertificates(options, settings->ca));
    if (settings->certificate) DO(natsOptions_LoadCertificatesChain(options, settings->certificate, settings->key));
    /* A server that hangs is left after three seconds. */
    DO(natsOptions_SetPingInterval(options, 1000));
    DO(natsOptions_SetMaxPingsOut(options, 2));
    DO(natsOptions_SetTimeout(options, 2000));
    DO(natsOptions_SetWriteDeadline(options, 2000));
    DO(natsOptions_SetMaxReconnect(options, -1));
    DO(natsOptions_SetReconnectWait(options, 250));
    DO(natsOptions_SetReconnectJitter(options, 250, 250));
    DO(natsOptions_UseGlobalMessageDelivery(options, true));
    DO(natsOptions_SetMaxPendingMsgs(options, 1000000));
    DO(natsOptions_SetErrorHandler(options, trouble, sink));
    DO(natsOptions_SetClosedCB(options, closed, sink));
    DO(natsOptions_SetDisconnectedCB(options, disconnected, sink));
    DO(natsOptions_SetReconnectedCB(options, connected, sink));
    return status;
}

const char *cnats_connect(cnats_connection **result, const cnats_settings *settings, cnats_sink sink) {
    cnats_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return "out of memory";
    connection->sink = malloc(sizeof sink);
    natsStatus status = connection->sink ? lib.natsOptions_Create(&connection->options) : NATS_NO_MEMORY;
    if (status == NATS_OK) {
        *connection->sink = sink;
        status = configure(connection->options, settings, connection->sink);
    }
    if (status != NATS_OK) {
        const char *reason = text(status);
        cnats_close(connection);
        return reason;
    }
    *result = connection;
    /* The library could go on by itself after a failure. But the thread that does clears the reason. */
    status = lib.natsConnection_Connect(&connection->connection, connection->options);
    if (status == NATS_OK) {
        sink.change(sink.context, CNATS_CONNECTED, NULL);
    } else {
        /* The status is the last server's; the error may be that of one that has refused the user. */
        const char *detail = last_error(&status);
        end(&sink, settings, status, detail);
    }
    return NULL;
}

void cnats_close(cnats_connection *connection) {
    /* First the thread that reads ends: until version 3.6 it goes on with a subscription that is freed meanwhile, and aborts
       (nats.c, issue 637). */
    if (connection->connection) lib.natsConnection_Close(connection->connection);
    for (int i = 0; i < connection->subscription_count; i++)
        lib.natsSubscription_Destroy(connection->subscriptions[i]);
    if (connection->connection) {
        /* The sink stays: callbacks may come until the library has ended all its threads, and it does not say when. */
        lib.natsConnection_Destroy(connection->connection);
    } else {
        free(connection->sink);
    }
    lib.natsOptions_Destroy(connection->options);
    pthread_mutex_lock(&spent.lock);
    destroy_spent();
    pthread_mutex_unlock(&spent.lock);
    free(connection);
}

const char *cnats_subscribe(cnats_connection *connection, const char *subject) {
    if (!connection->connection) return NULL;
    int most = sizeof connection->subscriptions / sizeof *connection->subscriptions;
    if (connection->subscription_count == most) return "too many subscriptions";
    natsSubscription **subscription = &connection->subscriptions[connection->subscription_count];
    natsStatus status =
        lib.natsConnection_Subscribe(subscription, connection->connection, subject, received, connection->sink);
    if (status == NATS_OK) connection->subscription_count++;
    /* It may close at any moment. The sink hears why, which says more. */
    if (status == NATS_CONNECTION_CLOSED) return NULL;
    return text(status);
}

const char *cnats_publish(
    cnats_connection *connection, const char *subject, const char *reply, const char *const *headers, int header_count,
    const void *payload, int length, bool *is_too_large) {
    *is_too_large = false;
    /* The library would keep it and send it after the next connect, when it is out of date. */
    if (lib.natsConnection_Status(connection->connection) != NATS_CONN_STATUS_CONNECTED) return "not connected";
    natsMsg *message = NULL;
    natsStatus status = lib.natsMsg_Create(&message, subject, reply, payload, length);
    for (int i = 0; i < header_count && status == NATS_OK; i++)
        status = lib.natsMsgHeader_Set(message, headers[2 * i], headers[2 * i + 1]);
    if (status == NATS_OK) status = lib.natsConnection_PublishMsg(connection->connection, message);
    discard(message);
    *is_too_large = status == NATS_MAX_PAYLOAD;
    return text(status);
}

const char *cnats_message_subject(cnats_message *message) { return lib.natsMsg_GetSubject((natsMsg *)message); }

const char *cnats_message_reply(cnats_message *message) { return lib.natsMsg_GetReply((natsMsg *)message); }

const char *cnats_message_header(cnats_message *message, const char *name) {
    const char *value = NULL;
    return lib.natsMsgHeader_Get((natsMsg *)message, name, &value) == NATS_OK ? value : NULL;
}

const void *cnats_message_payload(cnats_message *message, int *length) {
    *length = lib.natsMsg_GetDataLength((natsMsg *)message);
    return lib.natsMsg_GetData((natsMsg *)message);
}
