import Fleet
import FleetDelivery
import Logging
import Settings
import Systemd
import Text

/// Lets the pipeline follow what the fleet assigns to this host. Its calls block, and must not run beside a reload.
struct AssignmentFollower {
    let host: FleetHost
    let pipeline: RecognitionPipeline
    let sink: LogSink
    let logger: Logger

    /// Follows the present assignment.
    ///
    /// - Parameter own: the host's own configuration.
    /// - Returns: whether it succeeded; if not, it is to be tried again.
    func follow(on own: Configuration) -> Bool {
        let assignment = host.assignment
        let followed = host.followed
        if let shared = assignment.configuration, shared != followed.configuration { adopt(shared, on: own) }
        let streams = host.streams(with: own, assignment)
        do {
            try DescriptorNeed.check(streams: streams.count, webhooks: own.webhooks.count)
            let summary = try pipeline.follow(streams, assignment, after: followed)
            host.follows(assignment)
            logger.info("\(summary)")
            return true
        } catch {
            for line in "\(error)".split(separator: "\n") { logger.error("\(line)") }
            logger.error("the fleet's cameras are not watched as assigned; this is tried again in 5 s")
            return false
        }
    }

    /// Reads the fleet's configuration anew on top of the host's own.
    ///
    /// - Returns: all streams that are to run.
    func streams(on own: Configuration) -> [StreamConfiguration] {
        let followed = host.followed
        if let shared = followed.configuration { adopt(shared, on: own) }
        return host.streams(with: own, followed)
    }

    private func adopt(_ shared: FleetAssignment.Configuration, on own: Configuration) {
        do {
            try read(shared, on: own)
        } catch {
            for line in "\(error)".split(separator: "\n") { logger.error("\(line)") }
            logger.error(
                "this host cannot follow revision \(shared.revision): it keeps what it has and takes no further cameras"
            )
            host.close()
        }
    }

    private func read(_ shared: FleetAssignment.Configuration, on own: Configuration) throws {
        let joined = try host.decode(shared, on: own)
        sink.register(joined.secrets.values)
        if let wanted = joined.fleetModel, wanted != pipeline.modelDigest {
            throw OperationError(
                "model.digest is \(wanted), and this host's model has \(pipeline.modelDigest): install the fleet's model here"
            )
        }
        for warning in pipeline.labelWarnings(joined.fleetStreams) { logger.warning("\(warning)") }
        let cameras = joined.fleetStreams.map { stream in
            Placement.Camera(name: stream.name, load: 1 / pipeline.interval(of: stream))
        }
        let deliveries = DeliveryPlan(
            mqtt: joined.fleetMQTT,
            webhooks: joined.fleetWebhooks,
            streams: joined.fleetStreams.map(\.published)
        )
        host.adopt(joined.fleetStreams, cameras, deliveries, revision: shared.revision)
        let count = "\(cameras.count) camera\(cameras.count == 1 ? "" : "s")"
        logger.notice("follows revision \(shared.revision) of the fleet's configuration: \(count)")
    }
}
