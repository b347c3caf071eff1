import EventFeed
import Glibc

/// A hub with its server and, optionally, a journal in a folder.
final class Feed {
    let hub: EventHub
    let socket: String
    private let server: FeedServer
    private let journal: Journal?

    /// - Parameter patience: how long a record may wait for the disk before it goes out unsaved; nil for the daemon's.
    init(in directory: String, hasJournal: Bool, patience: Duration? = nil) throws {
        socket = "\(directory)/events.sock"
        var settings = JournalSettings(path: "\(directory)/events.sqlite")
        if let patience { settings.patience = patience }
        journal = hasJournal ? try Journal(settings) : nil
        for notice in journal?.notices ?? [] { printLine(notice, to: 2) }
        hub = EventHub(version: "load", streams: ["door"], journal: journal)
        try journal?.start(feeding: hub) { printLine("the journal is \($0.state): \($0.reason ?? "")", to: 2) }
        hub.flush()
        server = try FeedServer(path: socket, hub: hub)
        try server.start()
    }

    var cutOff: UInt64 { server.statistics.cutOff }

    func stop() {
        hub.flush()
        server.stop()
        journal?.stop()
    }
}
