import Foundation
import Synchronization
import TestSupport
import Testing

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
            var taken: FeedServer?
            try blockUntil("nobody holds the dead socket") {
                do throws(FeedError) {
                    taken = try FeedServer(path: directory.socket, hub: hub())
                    return true
                } catch {
                    // A child that another test is starting has a copy until it runs its program.
                    guard error.code == .inUse else { throw error }
                    return false
                }
            }
            let server = try #require(taken)
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
            var limits = FeedLimits()
            limits.drain = patience
            let feed = try RunningFeed(limits: limits)
            var subscriber = try feed.connect()
            for _ in 0..<50 { feed.hub.publish(.sample()) }
            feed.server.stop()
            #expect(try subscriber.next(50).last?.seq == 50)
            #expect(try subscriber.client.nextLine(timeout: patience) == .ended)
        }

        @Test func aStopWaitsForNobodyLong() throws {
            var limits = FeedLimits()
            limits.drain = .milliseconds(100)
            let feed = try RunningFeed(limits: limits)
            var sleeper = try feed.connect()
            let text = String(repeating: "long ", count: 200)
            for _ in 0..<1000 { feed.hub.publish(.sample(text: text)) }
            // The sleeper reads nothing until it has stopped.
            let isStopped = Atomic(false)
            let stopping = try NamedThread.start("stopping") {
                feed.server.stop()
                isStopped.store(true, ordering: .releasing)
            }.get()
            try blockUntil("the stop") { isStopped.load(ordering: .acquiring) }
            stopping.join()
            // What did arrive are whole lines.
            while case .line(let line) = try sleeper.client.nextLine(timeout: patience) {
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

        /// The daemon's own parts do not depend on the file system.
        @Test func clientsWithinTheProcessNeedNoFile() throws {
            let feed = try RunningFeed()
            let aside = try moveAside(feed.directory)
            defer { try? FileManager.default.removeItem(atPath: aside) }
            let client = try feed.server.connect()
            try client.subscribe(Subscription(types: [.event], since: 0))
            feed.hub.publish(.sample())
            var types: [String?] = []
            while types.last != "event" {
                guard case .message(let message, _) = try client.next(within: patience) else {
                    return #expect(Bool(false), "\(types)")
                }
                types.append(message.type)
            }
            #expect(types == ["hello", "snapshot", "event"])
            feed.server.stop()
            while case .message = try client.next(within: patience) {}
            let error = #expect(throws: FeedError.self) { _ = try feed.server.connect() }
            #expect(error?.code == .notRunning)
        }

        @Test func aConnectionFromBeforeTheStartIsServed() throws {
            let directory = try TemporaryDirectory()
            let server = try FeedServer(path: directory.socket, group: nil, hub: hub())
            let client = try server.connect()
            try server.start()
            guard case .message(.hello, _) = try client.next(within: patience) else {
                return #expect(Bool(false), "no greeting")
            }
            server.stop()
        }

        /// Takes the directory away in one step: the server would make its socket anew in one that is being emptied.
        private func moveAside(_ directory: TemporaryDirectory) throws -> String {
            let aside = directory.path + "-aside"
            try FileManager.default.moveItem(atPath: directory.path, toPath: aside)
            return aside
        }

        /// The reports on the socket's file.
        private final class Reports: Sendable {
            private let notices = Mutex<[FeedServer.Notice]>([])
            func add(_ notice: FeedServer.Notice) { notices.withLock { $0.append(notice) } }
            var all: [FeedServer.Notice] { notices.withLock { $0 } }
        }

        private func watched(_ directory: TemporaryDirectory, _ reports: Reports) throws -> FeedServer {
            var limits = FeedLimits()
            limits.socketCheck = .milliseconds(2)
            let server = try FeedServer(
                path: directory.socket,
                group: nil,
                hub: hub(),
                limits: limits,
                report: { reports.add($0) }
            )
            try server.start()
            return server
        }

        @Test func aRemovedSocketIsMadeAnew() throws {
            let (directory, reports) = (try TemporaryDirectory(), Reports())
            let server = try watched(directory, reports)
            var early = try Subscriber(path: directory.socket)
            #expect(server.unreachability == nil)
            try FileManager.default.removeItem(atPath: directory.socket)
            try blockUntil("the notice") { reports.all == [.restored(path: directory.socket)] }
            #expect(server.unreachability == nil)
            #expect(try mode(directory.socket) == 0o660)
            _ = try Subscriber(path: directory.socket)
            // Whoever was connected stays so.
            _ = try early.subscribe("{}")
            server.stop()
            #expect(!FileManager.default.fileExists(atPath: directory.socket))
        }

        @Test func aRemovedDirectoryIsWaitedFor() throws {
            let (directory, reports) = (try TemporaryDirectory(), Reports())
            let server = try watched(directory, reports)
            let aside = try moveAside(directory)
            defer { try? FileManager.default.removeItem(atPath: aside) }
            #expect(server.unreachability?.contains(directory.socket) == true)
            try blockUntil("the notice") { !reports.all.isEmpty }
            guard case .unreachable(let error) = reports.all[0] else {
                return #expect(Bool(false), "\(reports.all)")
            }
            #expect(error.code == .noDirectory)
            try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
            try blockUntil("the second notice") { reports.all.count == 2 }
            #expect(reports.all[1] == .restored(path: directory.socket))
            #expect(server.unreachability == nil)
            _ = try Subscriber(path: directory.socket)
            // The lock is held again.
            let second = #expect(throws: FeedError.self) { try FeedServer(path: directory.socket, hub: hub()) }
            #expect(second?.code == .inUse)
            server.stop()
        }

        /// Another daemon took the path: it stays there.
        @Test func aPathThatAnotherTookIsLeftToIt() throws {
            let (directory, reports) = (try TemporaryDirectory(), Reports())
            let server = try watched(directory, reports)
            let aside = try moveAside(directory)
            defer { try? FileManager.default.removeItem(atPath: aside) }
            try blockUntil("the notice") { !reports.all.isEmpty }
            let other = directory.path + "-other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            let address = try UnixSocketAddress(path: other + "/" + (directory.socket as NSString).lastPathComponent)
            let foreign = try address.makeSocket(nonblocking: false)
            try #require(address.withPointer { bind(foreign.raw, $0, $1) } == 0)
            try #require(listen(foreign.raw, 100) == 0)
            try FileManager.default.moveItem(atPath: other, toPath: directory.path)
            try blockUntil("the second notice") { reports.all.count > 1 }
            guard case .unreachable(let error) = reports.all[1] else {
                return #expect(Bool(false), "\(reports.all)")
            }
            #expect(error.code == .inUse)
            #expect(server.unreachability != nil)
            server.stop()
            #expect(FileManager.default.fileExists(atPath: directory.socket))
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
