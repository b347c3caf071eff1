import Foundation
import Testing
import TestSupport

@testable import System
@testable import Systemd

/// The environment is the process's, and other tests read theirs meanwhile: what changes it runs in a process of its own.
@Suite("systemd notifications")
struct ServiceNotifierTests {
    /// Stands in for systemd: the socket that $NOTIFY_SOCKET names.
    final class Manager {
        private let descriptor: Int32
        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            let path = directory.path + "/notify"
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { bytes in bytes.copyBytes(from: path.utf8) }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(bound == 0)
            setenv("NOTIFY_SOCKET", path, 1)
        }

        deinit { close(descriptor) }

        func receive() -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    @Test func messages() async {
        await #expect(processExitsWith: .success) {
            let manager = try Manager()
            let notifier = ServiceNotifier()
            notifier.ready(status: "2 streams")
            #expect(manager.receive() == "READY=1\nSTATUS=2 streams")
            notifier.status("rtsp://u:p@cam/1 is\noffline")
            #expect(manager.receive() == #"STATUS=rtsp://***@cam/1 is\noffline"#)
            notifier.watchdog()
            #expect(manager.receive() == "WATCHDOG=1")
            notifier.stopping()
            #expect(manager.receive() == "STOPPING=1")
            notifier.reloading()
            let reloading = manager.receive()
            #expect(try reloading.wholeMatch(of: Regex("RELOADING=1\nMONOTONIC_USEC=[0-9]+")) != nil)
        }
    }

    @Test func withoutSystemdNothingHappens() {
        ServiceNotifier().ready(status: "up")
        #expect(ServiceNotifier().watchdogInterval == nil)
    }

    @Test func theWatchdogsInterval() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "30000000", 1)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(ServiceNotifier().watchdogInterval == .seconds(30))
        }
    }
}
