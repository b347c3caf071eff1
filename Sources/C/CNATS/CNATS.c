#include "CNATS.h"

#include <dlfcn.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>

#define TEXT(x) #x
#define SONAME(major, minor) "libnats.so." TEXT(major) "." TEXT(minor)

#define FUNCTIONS(X)                                                                                                \
    X(nats_GetLastError) X(natsStatus_GetText)                                                                      \
    X(natsOptions_Create) X(natsOptions_Destroy) X(natsOptions_SetServers) X(natsOptions_SetName)                   \
    X(natsOptions_SetUserInfo) X(natsOptions_SetUserCredentialsFromFiles) X(natsOptions_SetNKeyFromSeed)            \
    X(natsOptions_SetSecure) X(natsOptions_LoadCATrustedCertificates) X(natsOptions_LoadCertificatesChain)          \
    X(natsOptions_SetPingInterval) X(natsOptions_SetMaxPingsOut) X(natsOptions_SetTimeout)                          \
    X(natsOptions_SetMaxReconnect) X(natsOptions_SetReconnectWait) X(natsOptions_SetReconnectJitter)                \
    X(natsOptions_SetRetryOnFailedConnect) X(natsOptions_SetWriteDeadline) X(natsOptions_SetErrorHandler)           \
    X(natsOptions_SetClosedCB) X(natsOptions_SetDisconnectedCB) X(natsOptions_SetReconnectedCB)                     \
    X(natsOptions_UseGlobalMessageDelivery) X(natsOptions_SetMaxPendingMsgs)                                        \
    X(natsConnection_Connect) X(natsConnection_Destroy) X(natsConnection_Status)            \
    X(natsConnection_Subscribe) X(natsSubscription_Destroy) X(natsConnection_PublishMsg) X(natsConnection_GetLastError)                         \
    X(natsMsg_Create) X(natsMsg_Destroy) X(natsMsg_GetSubject) X(natsMsg_GetReply) X(natsMsg_GetData)               \
    X(natsMsg_GetDataLength) X(natsMsgHeader_Set) X(natsMsgHeader_Get)

#define POINTER(name) __typeof__(&name) name;
static struct { FUNCTIONS(POINTER) } lib;

/* Where callbacks go, and the messages that are done with: the library frees them on a thread of its own, which each one would
   wake, so it gets many at once. */
struct receiver {
    /* The first member, so that it is the closure of a callback as well. */
    cnats_sink sink;
    pthread_mutex_t lock;
    natsMsg *spent[64];
    int spent_count, spent_bytes;
};

struct cnats_connection {
    natsConnection *connection;
    natsOptions *options;
    natsSubscription *subscriptions[4];
    int subscription_count;
    /* Never freed: callbacks may come until the library has ended all its threads, and it does not say when. */
    struct receiver *receiver;
};

const char *cnats_load(void) {
    void *library = dlopen(SONAME(NATS_VERSION_MAJOR, NATS_VERSION_MINOR), RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
#define LOAD(name) if (!(*(void **)&lib.name = dlsym(library, #name))) return dlerror();
    FUNCTIONS(LOAD)
    return NULL;
}

/* The library's last error of this thread says more than the status, such as which file cannot be read. */
static const char *text(natsStatus status) {
    if (status == NATS_OK) return NULL;
    natsStatus last = NATS_OK;
    const char *detail = lib.nats_GetLastError(&last);
    return detail && *detail && last == status ? detail : lib.natsStatus_GetText(status);
}

static void destroy_spent(struct receiver *receiver) {
    for (int i = 0; i < receiver->spent_count; i++) lib.natsMsg_Destroy(receiver->spent[i]);
    receiver->spent_count = receiver->spent_bytes = 0;
}

static void discard(struct receiver *receiver, natsMsg *message) {
    const int most = sizeof receiver->spent / sizeof *receiver->spent, most_bytes = 1 << 16;
    if (!message) return;
    pthread_mutex_lock(&receiver->lock);
    receiver->spent[receiver->spent_count++] = message;
    receiver->spent_bytes += lib.natsMsg_GetDataLength(message);
    if (receiver->spent_count == most || receiver->spent_bytes >= most_bytes) destroy_spent(receiver);
    pthread_mutex_unlock(&receiver->lock);
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

static void closed(natsConnection *connection, void *closure) {
    cnats_sink *sink = closure;
    const char *detail = NULL;
    lib.natsConnection_GetLastError(connection, &detail);
    sink->change(sink->context, CNATS_CLOSED, detail);
}

static void trouble(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *closure) {
    (void)subscription;
    cnats_sink *sink = closure;
    const char *detail = NULL;
    if (connection) lib.natsConnection_GetLastError(connection, &detail);
    sink->change(sink->context, CNATS_TROUBLE, detail && *detail ? detail : lib.natsStatus_GetText(status));
}

static void received(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure) {
    (void)connection, (void)subscription;
    struct receiver *receiver = closure;
    receiver->sink.message(receiver->sink.context, (cnats_message *)message);
    discard(receiver, message);
}

static natsStatus configure(natsOptions *options, const cnats_settings *settings, struct receiver *receiver) {
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
    DO(natsOptions_SetRetryOnFailedConnect(options, true, connected, receiver));
    DO(natsOptions_UseGlobalMessageDelivery(options, true));
    DO(natsOptions_SetMaxPendingMsgs(options, 1000000));
    DO(natsOptions_SetErrorHandler(options, trouble, receiver));
    DO(natsOptions_SetClosedCB(options, closed, receiver));
    DO(natsOptions_SetDisconnectedCB(options, disconnected, receiver));
    DO(natsOptions_SetReconnectedCB(options, connected, receiver));
    return status;
}

const char *cnats_connect(cnats_connection **result, const cnats_settings *settings, cnats_sink sink) {
    cnats_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return "out of memory";
    connection->receiver = calloc(1, sizeof *connection->receiver);
    natsStatus status = connection->receiver ? lib.natsOptions_Create(&connection->options) : NATS_NO_MEMORY;
    if (status == NATS_OK) {
        connection->receiver->sink = sink;
        pthread_mutex_init(&connection->receiver->lock, NULL);
        status = configure(connection->options, settings, connection->receiver);
    }
    if (status == NATS_OK) status = lib.natsConnection_Connect(&connection->connection, connection->options);
    if (status == NATS_OK) sink.change(sink.context, CNATS_CONNECTED, NULL);
    if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED) {
        const char *reason = text(status);
        cnats_close(connection);
        return reason;
    }
    /* When it gives up, it says no more than that no server is left. */
    if (status == NATS_NOT_YET_CONNECTED) trouble(connection->connection, NULL, status, connection->receiver);
    *result = connection;
    return NULL;
}

void cnats_close(cnats_connection *connection) {
    for (int i = 0; i < connection->subscription_count; i++)
        lib.natsSubscription_Destroy(connection->subscriptions[i]);
    if (connection->connection) lib.natsConnection_Destroy(connection->connection);
    if (connection->options) {
        lib.natsOptions_Destroy(connection->options);
        pthread_mutex_lock(&connection->receiver->lock);
        destroy_spent(connection->receiver);
        pthread_mutex_unlock(&connection->receiver->lock);
    }
    free(connection);
}

const char *cnats_subscribe(cnats_connection *connection, const char *subject) {
    int most = sizeof connection->subscriptions / sizeof *connection->subscriptions;
    if (connection->subscription_count == most) return "too many subscriptions";
    natsSubscription **subscription = &connection->subscriptions[connection->subscription_count];
    natsStatus status =
        lib.natsConnection_Subscribe(subscription, connection->connection, subject, received, connection->receiver);
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
    discard(connection->receiver, message);
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
