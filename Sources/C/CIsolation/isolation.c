#define _GNU_SOURCE
#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Debian 12's headers know Landlock's first version only.
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)
#define RULE_NET_PORT 2

struct ruleset_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

struct port_attributes {
    uint64_t allowed_access;
    uint64_t port;
};

enum { MOST_DESCRIPTORS = 4 };

void isolation_close_from(int first) { syscall(SYS_close_range, (unsigned)first, ~0U, 0U); }

int isolation_shared_memory(const char *name, size_t bytes) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -1;
    if (ftruncate(file, (off_t)bytes) < 0 || fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int error = errno;
        close(file);
        errno = error;
        return -1;
    }
    return file;
}

int isolation_send(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count, bool waits) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)];
        struct cmsghdr alignment;
    } control;
    if (descriptor_count > MOST_DESCRIPTORS) return EINVAL;
    if (descriptor_count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)descriptor_count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)descriptor_count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)descriptor_count);
    }
    while (sendmsg(socket, &message, MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT)) < 0)
        if (errno != EINTR) return errno;
    return 0;
}

long isolation_receive(int socket, void *bytes, size_t capacity, int *descriptors, int *descriptor_count, bool waits) {
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)];
        struct cmsghdr alignment;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;
    bool was_reset = false;
    *descriptor_count = 0;
    while ((got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (waits ? 0 : MSG_DONTWAIT))) < 0) {
        if (errno == EINTR) continue;
        // The other side ended without reading all that it was sent. What it sent itself is still there.
        if (errno != ECONNRESET || was_reset) return -errno;
        was_reset = true;
    }
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < count; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof(int));
            if (*descriptor_count < MOST_DESCRIPTORS)
                descriptors[(*descriptor_count)++] = descriptor;
            else
                close(descriptor);
        }
    }
    if (message.msg_flags & MSG_TRUNC) {
        for (int index = 0; index < *descriptor_count; index++) close(descriptors[index]);
        *descriptor_count = 0;
        return -EMSGSIZE;
    }
    return got;
}

int isolation_begin(void) {
    // It was started as /proc/self/exe, and would be called "exe".
    prctl(PR_SET_NAME, "watchword");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
    if (prctl(PR_SET_DUMPABLE, 0) < 0) return errno;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

static int limit(int resource, uint64_t value) {
    struct rlimit now;
    if (getrlimit(resource, &now) < 0) return errno;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value) value = now.rlim_max;
    struct rlimit lower = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &lower) < 0 ? errno : 0;
}

int isolation_limit(uint64_t memory, uint64_t files, uint64_t file_bytes) {
    int error = limit(RLIMIT_CORE, 0);
    if (!error) error = limit(RLIMIT_DATA, memory);
    if (!error) error = limit(RLIMIT_NOFILE, files);
    if (!error) error = limit(RLIMIT_FSIZE, file_bytes);
    return error;
}

int isolation_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

static int allow_path(int rules, isolation_path entry, int version) {
    int place = open(entry.path, O_PATH | O_CLOEXEC);
    // What is not there cannot be opened either.
    if (place < 0) return 0;
    struct stat status;
    uint64_t access = LANDLOCK_ACCESS_FS_READ_FILE;
    if (fstat(place, &status) == 0 && S_ISDIR(status.st_mode)) access |= LANDLOCK_ACCESS_FS_READ_DIR;
    if (entry.writes) access |= LANDLOCK_ACCESS_FS_WRITE_FILE;
    if (entry.writes && version >= 5) access |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = place};
    int error = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? errno : 0;
    close(place);
    return error;
}

static int apply(int rules, int error) {
    if (!error && syscall(SYS_landlock_restrict_self, rules, 0) < 0) error = errno;
    close(rules);
    return error;
}

int isolation_landlock_files(const isolation_path *paths, size_t count) {
    int version = isolation_landlock_version();
    if (version == 0) return ENOSYS;
    // Everything that the first version knows: to execute, write, read, list, remove and make.
    struct ruleset_attributes attributes = {.handled_access_fs = (1ULL << 13) - 1};
    if (version >= 2) attributes.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) attributes.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5) attributes.handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    if (version >= 6) attributes.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    size_t size = version >= 6 ? sizeof attributes : sizeof(uint64_t);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (rules < 0) return errno;
    int error = 0;
    for (size_t index = 0; index < count && !error; index++) error = allow_path(rules, paths[index], version);
    return apply(rules, error);
}

int isolation_landlock_ports(const uint16_t *ports, size_t count, bool listens) {
    if (isolation_landlock_version() < 4) return ENOSYS;
    struct ruleset_attributes attributes = {.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, 2 * sizeof(uint64_t), 0);
    if (rules < 0) return errno;
    int error = 0;
    for (size_t index = 0; index < count && !error; index++) {
        struct port_attributes rule = {
            .allowed_access = NET_CONNECT_TCP | (listens ? NET_BIND_TCP : 0), .port = ports[index]};
        if (syscall(SYS_landlock_add_rule, rules, RULE_NET_PORT, &rule, 0) < 0) error = errno;
    }
    return apply(rules, error);
}
