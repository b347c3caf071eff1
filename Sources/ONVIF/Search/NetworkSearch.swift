import Foundation
import Glibc
import System

/// A search for cameras by WS-Discovery. Blocks; any thread may run it.
package enum NetworkSearch {
    /// What a search found, and where it looked.
    package struct Outcome: Sendable {
        /// One entry a device; sorted by address.
        package var devices: [FoundDevice] = []
        /// The interfaces that took the question.
        package var interfaces: [String] = []
    }

    /// The most devices that a search collects. More than that is no network of cameras.
    private static let deviceLimit = 1024
    /// Multicast is not acknowledged, so the question is put three times. Devices answer a repetition that they know not again.
    private static let repetitions: [Duration] = [.zero, .milliseconds(200), .milliseconds(800)]
    private static let look = Duration.milliseconds(50)

    /// Asks every device on the local networks.
    ///
    /// - Parameters:
    ///   - time: how long to wait for answers.
    ///   - isCancelled: read many times a second; ends the search.
    ///   - isEnough: ends the search early; gets each device once, and again if it is found
    ///     at a better address.
    /// - Throws: `CameraError` if no network can be asked.
    package static func run(
        for time: Duration,
        isCancelled: () -> Bool = { false },
        isEnough: (FoundDevice) -> Bool = { _ in false }
    ) throws(CameraError) -> Outcome {
        let networks: [LocalNetwork]
        do throws(Errno) { networks = try LocalNetwork.all() } catch {
            throw CameraError(.network, "the networks of this machine cannot be listed: \(error)")
        }
        let sockets = Sockets()
        var reason: Errno?
        for network in networks {
            do throws(Errno) { try sockets.add(DiscoverySocket(network), of: network.interface) } catch {
                reason = error
            }
        }
        guard !sockets.isEmpty else {
            let cause = reason.map { ": \($0)" } ?? ", since it has none"
            throw CameraError(.network, "no network of this machine can be searched\(cause); check its interfaces")
        }
        // Another program may hold the port for itself: then only the answers count.
        do throws(Errno) { try sockets.add(DiscoverySocket(greetingsOf: networks), of: nil) } catch {}
        return run(sockets, for: time, isCancelled, isEnough)
    }

    /// The open sockets. The one without an interface only listens.
    private final class Sockets {
        private final class Entry {
            let socket: DiscoverySocket
            let interface: String?

            init(_ socket: consuming DiscoverySocket, _ interface: String?) {
                self.socket = socket
                self.interface = interface
            }
        }

        private var entries: [Entry] = []

        var isEmpty: Bool { entries.isEmpty }

        func add(_ socket: consuming DiscoverySocket, of interface: String?) {
            entries.append(Entry(socket, interface))
        }

        /// - Returns: the interfaces that took the message.
        func send(_ message: String) -> [String] {
            entries.compactMap { entry in
                guard let interface = entry.interface else { return nil }
                do throws(Errno) { try entry.socket.send(message) } catch { return nil }
                return interface
            }
        }

        /// Blocks until one has something, or the time is over.
        func wait(_ time: Duration) {
            var polled = entries.map { pollfd(fd: $0.socket.raw, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polled, nfds_t(polled.count), time.pollTimeout)
        }

        func receive(into buffer: inout [UInt8]) -> (bytes: [UInt8], sender: String)? {
            for entry in entries {
                if let datagram = entry.socket.receive(into: &buffer) { return datagram }
            }
            return nil
        }
    }

    private static func run(
        _ sockets: Sockets,
        for time: Duration,
        _ isCancelled: () -> Bool,
        _ isEnough: (FoundDevice) -> Bool
    ) -> Outcome {
        let probes = ProbeMessage.Kind.allCases.map { ProbeMessage(kind: $0, id: UUID().uuidString.lowercased()) }
        let start = Instant.now
        let end = start + time
        var waves = repetitions[...]
        var outcome = Outcome()
        var found: [EndpointReference: FoundDevice] = [:]
        var buffer = [UInt8](repeating: 0, count: DiscoverySocket.largest)
        search: while !isCancelled(), case let now = Instant.now, now < end {
            if let wave = waves.first, now >= start + wave {
                waves.removeFirst()
                for probe in probes {
                    for interface in sockets.send(probe.xml) where !outcome.interfaces.contains(interface) {
                        outcome.interfaces.append(interface)
                    }
                }
            }
            sockets.wait(min(look, end - now))
            // A flood must not outlast the time.
            while Instant.now < end, let datagram = sockets.receive(into: &buffer) {
                for device in FoundDevice.devices(in: datagram.bytes, from: datagram.sender) {
                    let known = found[device.endpoint]
                    // IPv4 has the shorter addresses, and they survive a restart.
                    guard known == nil || known?.isIPv6 == true && !device.isIPv6 else { continue }
                    guard found.count < deviceLimit else { break search }
                    found[device.endpoint] = device
                    if isEnough(device) { break search }
                }
            }
        }
        outcome.devices = found.values.sorted { $0.address.place.isBefore($1.address.place) }
        return outcome
    }
}

extension String {
    /// Numbers in the text count as numbers: 192.168.1.9 comes before 192.168.1.10.
    fileprivate func isBefore(_ other: String) -> Bool { compare(other, options: .numeric) == .orderedAscending }
}
