import Foundation
import Testing
import TestSupport

@testable import EventFeed
@testable import System
@testable import Text

extension FeedTests {
    @Suite struct SocketLife {
        private func hub() -> EventHub { EventHub(version: "1", streams: []) }

        private func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }

        @Test func modeAndRemoval() throws {
            let directory = try TemporaryDirectory()
            let server = try FeedServer(path: directory.socket, group: "no-such-group", hub: hub())
            #expect(try mode(directory.socket) == 0o660)
            try server.start()
            #expect(try openSocketCount(of: directory.socket) == 1)
            server.stop()
            server.stop()
            #expect(!FileManager.default.fileExists(atPath: directory.socket))
            _ = consume server
            #expect(try openSocketCount(of: directory.socket) == 0)
        }

        @Test func aLiveSocketIsRefused() throws {
            let feed = try RunningFeed()
            let error = #expect(throws: FeedError.self) { try FeedServer(path: feed.directory.socket, hub: hub()) }
            #expect(error?.code == .inUse)
            #expect(error?.description.contains(feed.directory.socket) == true)
            // And left alone.
            _ = try feed.connect()
        }

        /// Somebody's socket without a lock of ours: what listens is alive.
        @Test func aForeignLiveSocketIsRefused() throws {
            let directory = try TemporaryDirectory()
            let address = try UnixSocketAddress(path: directory.socket)
            let foreign = try address.makeSocket(nonblocking: false)
            try #require(address.withPointer { bind(foreign.raw, $0, $1) } == 0)
            try #require(listen(foreign.raw, 1) == 0)
            let error = #expect(throws: FeedError.self) { try FeedServer(path: directory.socket, hub: hub()) }
            #expect(error?.code == .inUse)
            #expect(FileManager.default.fileExists(atPath: directory.socket))
        }

        @Test func aStaleSocketIsTakenOver() throws {
            let directory = try TemporaryDirectory()
            let address = try UnixSocketAddress(path: directory.socket)
            do {
                let dead = try address.makeSocket(nonblocking: false)
                try #require(address.withPointer { bind(dead.raw, $0, $1) } == 0)
                try #require(listen(dead.raw, 1) == 0)
            }
            try #require(FileManager.default.fileExists(atPath: directory.socket))
            let server = try FeedServer(path: directory.socket, hub: hub())
            try server.start()
            _ = try Subscriber(path: directory.socket)
            server.stop()
        }

        @Test func whatIsNoSocketIsLeftAlone() throws {
            let directory = try TemporaryDirectory()
            try Data("precious".utf8).write(to: URL(fileURLWithPath: directory.socket))
            let error = #expect(throws: FeedError.self) { try FeedServer(path: directory.socket, hub: hub()) }
            #expect(error?.code == .notASocket)
            #expect(try String(contentsOfFile: directory.socket, encoding: .utf8) == "precious")
        }

        @Test func aLinkIsNoSocket() throws {
            let feed = try RunningFeed()
            let link = feed.directory.path + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: feed.directory.socket)
            let error = #expect(throws: FeedError.self) { try FeedServer(path: link, hub: hub()) }
            #expect(error?.code == .notASocket)
        }

        @Test func badPaths() throws {
            let directory = try TemporaryDirectory()
            let cases: [(String, FeedError.Code)] = [
                (directory.path + "/missing/events.sock", .noDirectory),
                ("/etc/hostname/events.sock", .noDirectory),
                (directory.path + "/" + String(repeating: "x", count: 100), .unfitPath),
                ("", .unfitPath),
                ("a\u{0}b", .unfitPath),
            ]
            for (path, code) in cases {
                let error = #expect(throws: FeedError.self) { try FeedServer(path: path, hub: hub()) }
                #expect(error?.code == code)
                #expect(error?.path == path)
                #expect(error?.description.contains("\n") == false)
            }
        }

        @Test func aClientWithoutServerIsTold() throws {
            let directory = try TemporaryDirectory()
            let error = #expect(throws: FeedError.self) { _ = try LineSocket(connectingTo: directory.socket) }
            #expect(error?.code == .notRunning)
        }

        @Test func aReadingTimesOut() throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            #expect(try subscriber.client.nextLine(timeout: .milliseconds(20)) == .timedOut)
            #expect(try subscriber.client.nextLine(timeout: .zero) == .timedOut)
        }

        @Test func aStopSendsWhatIsThere() throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            for _ in 0..<50 { feed.hub.publish(.sample()) }
            feed.server.stop()
            #expect(try subscriber.next(50).last?.seq == 50)
            #expect(try subscriber.client.nextLine(timeout: Subscriber.patience) == .ended)
        }

        @Test func aStopWaitsForNobodyLong() throws {
            var limits = FeedLimits()
            limits.drain = .milliseconds(100)
            let feed = try RunningFeed(limits: limits)
            var sleeper = try feed.connect()
            let text = String(repeating: "long ", count: 200)
            for _ in 0..<1000 { feed.hub.publish(.sample(text: text)) }
            let time = ContinuousClock().measure { feed.server.stop() }
            #expect(time < .seconds(10))
            // What did arrive are whole lines.
            while case .line(let line) = try sleeper.client.nextLine(timeout: Subscriber.patience) {
                _ = try JSONValue(parsing: line)
            }
        }

        @Test func servesOnASocketHandedIn() throws {
            let directory = try TemporaryDirectory()
            let address = try UnixSocketAddress(path: directory.socket)
            let listening = try address.makeSocket(nonblocking: false)
            try #require(address.withPointer { bind(listening.raw, $0, $1) } == 0)
            try #require(listen(listening.raw, 5) == 0)
            let server = try FeedServer(listening: dup(listening.raw), path: directory.socket, hub: hub())
            try server.start()
            _ = try Subscriber(path: directory.socket)
            server.stop()
            #expect(FileManager.default.fileExists(atPath: directory.socket))
            #expect(!FileManager.default.fileExists(atPath: directory.socket + ".lock"))
        }

        @Test func theThreadHasAName() throws {
            let feed = try RunningFeed()
            _ = try feed.connect()
            let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap {
                try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
            }
            #expect(names.contains("event-feed\n"))
        }
    }
}
