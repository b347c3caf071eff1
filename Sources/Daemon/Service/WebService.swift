import Capture
import EventFeed
import Events
import Logging
import Recognition
import ServiceLifecycle
import Settings
import System
import Text
import WebFeed
import XCLIP

/// Serves the live page and the HTTP API for as long as the daemon runs. If it cannot listen it tries again, and the
/// daemon goes on without them.
struct WebService: Service {
    let server: WebServer
    let logger: Logger
    let listen: ListenAddress

    private static let retry = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(WebFeedError) {
                    try server.start()
                    logger.info("the live page is at http://\(listen)/")
                    // Until the daemon stops.
                    try? await gracefulShutdown()
                } catch {
                    logger.warning("no live page: \(error); tried again every \(Self.retry.configured)")
                    try? await Task.sleep(for: Self.retry)
                }
            }
        }
        await offCooperativePool { server.stop() }
    }
}

extension WebServer {
    /// A server of this daemon's state.
    ///
    /// - Parameters:
    ///   - settings: of the live page.
    ///   - feed: gives the events, and says whether other programs reach them.
    ///   - version: the daemon's.
    ///   - pipeline: gives the pictures.
    ///   - status: gives the streams.
    ///   - metrics: the text of `/metrics`; nil if there are no metrics.
    convenience init(
        _ settings: HTTPSettings,
        feed: FeedServer,
        version: String,
        pipeline: RecognitionPipeline,
        status: DaemonStatus,
        metrics: (@Sendable () -> String)?
    ) {
        let pictureKey = settings.token.map { PictureKey(token: $0) }
        self.init(
            WebSettings(
                listen: settings.listen,
                token: settings.token,
                hosts: settings.hosts,
                path: settings.path,
                frameAncestors: settings.frameAncestors
            ),
            sources: WebSources(
                connect: { () throws(FeedError) in try feed.connect() },
                streams: { status.overview(version: version, pictureKey: pictureKey) },
                picture: { pipeline.picture(of: $0) },
                keepsake: { event, kind in pipeline.pictures?.bytes(of: event, kind: kind == .picture ? "jpg" : "mp4")
                },
                unreadiness: { pipeline.unreadiness ?? feed.unreachability },
                metrics: metrics
            )
        )
    }
}

extension RecognitionPipeline {
    /// How long the worker may go without a heartbeat and still count as healthy: as long as the unit's watchdog waits.
    private static let patience = Duration.seconds(30)

    /// Why recognition does not work; nil if it does. An offline camera is not a reason.
    fileprivate var unreadiness: String? {
        let silence = sinceHeartbeat
        return silence < Self.patience ? nil : "inference has made no progress for \(silence.components.seconds) s"
    }

    /// The newest picture of a stream. Blocks until there is one, for no longer than it takes to sample one.
    fileprivate func picture(of name: String) -> WebSources.Picture {
        guard let watched = current.first(where: { $0.configuration.name == name }) else { return .noSuchStream }
        let interval = watched.stream.specification.interval(frames: model.configuration.frames)
        do throws(CaptureError) {
            // While the source is being opened, as long as that usually takes.
            let health = watched.supervisor.condition.health
            let limit = Duration.seconds(health == nil ? 5 : min(5, interval * 2 + 0.5))
            guard let jpeg = try watched.newest.jpeg(waiting: limit) else {
                guard health?.state == .offline else { return .opening }
                return .none("no picture has come yet: see the stream's state in /api/v1/streams")
            }
            return .jpeg(jpeg.bytes, taken: WallClock.time(ofMonotonic: jpeg.time))
        } catch {
            return .none(error.message)
        }
    }
}
