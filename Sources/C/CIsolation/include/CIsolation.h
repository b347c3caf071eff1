/// What confines a process, and descriptors sent over a socket: system calls without a wrapper in the C library, filters
/// made by macros, and variadic functions, none of which Swift can reach.
#ifndef CISOLATION_H
#define CISOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Closes every descriptor from `first` on.
void isolation_close_from(int first);

/// Memory that both sides map: a file without a name whose size nobody can change. -1 with errno if there is none.
int isolation_shared_memory(const char *name, size_t bytes);

/// Sends a message, with descriptors if there are any. Returns 0, or an errno value: EAGAIN if `waits` is false and there
/// is no room.
int isolation_send(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count, bool waits);

/// Receives one message. Descriptors that came with it are close-on-exec.
///
/// Returns the message's bytes; 0 at the end; -errno on failure, -EMSGSIZE for a message that does not fit.
long isolation_receive(int socket, void *bytes, size_t capacity, int *descriptors, int *descriptor_count, bool waits);

/// Ends the calling process with its parent's process, hides its memory from others of the same user, and forbids new
/// privileges. Returns 0 or an errno value.
int isolation_begin(void);

/// Limits the calling process: bytes of memory of its own, open files, bytes of a file it writes. No core is left.
/// Returns 0 or an errno value.
int isolation_limit(uint64_t memory, uint64_t files, uint64_t file_bytes);

/// What the file system still allows.
typedef struct {
    const char *path;
    bool writes;
} isolation_path;

/// The version of Landlock that the kernel has; 0 for none.
int isolation_landlock_version(void);

/// Confines the calling thread, and threads that it starts, to these paths. Those that are not there are left out. Returns 0
/// or an errno value.
int isolation_landlock_files(const isolation_path *paths, size_t count);

/// Confines the calling thread, and threads that it starts, to TCP connections to these ports, and from them if it `listens`.
/// Returns 0 or an errno value.
int isolation_landlock_ports(const uint16_t *ports, size_t count, bool listens);

/// Which further system calls a source of this kind needs.
enum {
    ISOLATION_NETWORK = 1,
    ISOLATION_DEVICE = 2,
    ISOLATION_LISTENING = 4,
    /// It asks a camera for its stream before it confines its ports.
    ISOLATION_ASKING = 8,
};

/// Confines the calling process, all its threads, to the system calls that capture needs. Returns 0 or an errno value.
int isolation_filter(int needs);

#endif
