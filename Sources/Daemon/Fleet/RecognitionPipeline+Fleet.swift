import EventFeed
import Recognition
import Settings

/// The pipeline as a host of a fleet uses it.
extension RecognitionPipeline {
    /// Watches what the fleet has assigned to this host, and what is this host's alone.
    ///
    /// Blocks until all is done, under the same rules as `reload`.
    ///
    /// - Parameters:
    ///   - streams: all of them, with the fleet's that are assigned.
    ///   - assignment: the fleet's.
    ///   - earlier: the assignment that was followed before.
    /// - Returns: one line for people: the streams that changed.
    /// - Throws: the errors of `reload`.
    @discardableResult
    func follow(
        _ streams: [StreamConfiguration],
        _ assignment: FleetAssignment,
        after earlier: FleetAssignment
    ) throws -> String {
        let reclaimed = assignment.reclaimed(since: earlier)
        if !reclaimed.isEmpty {
            try reload(current.map(\.configuration).filter { !reclaimed.contains($0.name) }, moved: reclaimed)
        }
        // What ends now still belongs to the old claims.
        hub.setEpochs(earlier.claims.merging(assignment.claims) { _, new in new })
        silent.add(assignment.prepared)
        // A camera that has left the fleet's configuration has been given up as well, but by nobody's claim.
        let summary = try reload(streams, moved: earlier.cameras.subtracting(assignment.cameras))
        hub.setEpochs(assignment.claims)
        for name in silent.all.subtracting(assignment.prepared) { unsilence(name) }
        return summary
    }

    /// The cameras of `names` whose windows are full.
    func ready(of names: Set<String>) -> [String] {
        current.filter { names.contains($0.configuration.name) && $0.isReady }.map(\.configuration.name)
    }

    /// Reports a stream's events from now on. Those that began unreported begin anew.
    private func unsilence(_ name: String) {
        silent.remove(name)
        guard let watched = current.first(where: { $0.configuration.name == name }) else { return }
        worker.apply([.restartEvents(watched.stream)])
        if let health = watched.supervisor.condition.health { healthReports.publish(health.record(of: name)) }
    }
}

extension RecognitionPipeline.Watched {
    /// Whether its window is full. A stream of signals alone has none.
    fileprivate var isReady: Bool {
        stream.specification.labels.isEmpty
            ? supervisor.condition.lastPicture != nil : stream.statistics.decisions > 0
    }
}
