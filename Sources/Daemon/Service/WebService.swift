import Capture
import Logging
import Recognition
import ServiceLifecycle
import Settings
import System
import Text
import WebFeed
import XCLIP

/// The live page and the HTTP API, for as long as the daemon runs. Where they cannot be served they are tried again: the
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
    /// A server of what this daemon knows.
    ///
    /// - Parameter metrics: the text of `/metrics`; nil where there is none.
    convenience init(
        _ settings: HTTPSettings,
        eventSocket: String,
        version: String,
        pipeline: RecognitionPipeline,
        status: DaemonStatus,
        metrics: (@Sendable () -> String)?
    ) {
        self.init(
            WebSettings(listen: settings.listen, token: settings.token, hosts: settings.hosts),
            sources: WebSources(
                eventSocket: eventSocket,
                streams: { status.overview(version: version) },
                picture: { pipeline.picture(of: $0) },
                keepsake: { event, kind in pipeline.pictures?.bytes(of: event, kind: kind == .picture ? "jpg" : "mp4")
                },
                unreadiness: { pipeline.unreadiness },
                metrics: metrics
            )
        )
    }
}

extension RecognitionPipeline {
    /// How long the worker may be without a heartbeat and still count as well: the unit's watchdog is as patient.
    private static let patience = Duration.seconds(30)

    /// Why it does not recognise; nil where it does. A camera that is away is no reason.
    fileprivate var unreadiness: String? {
        let silence = sinceHeartbeat
        return silence < Self.patience ? nil : "inference has made no progress for \(silence.components.seconds) s"
    }

    /// The newest picture of a stream. Blocks while one is waited for, not longer than it takes to sample one.
    fileprivate func picture(of name: String) -> WebSources.Picture {
        guard let watched = current.first(where: { $0.configuration.name == name }) else { return .noSuchStream }
        let interval = watched.stream.specification.interval(frames: model.configuration.frames)
        do throws(CaptureError) {
            let limit = Duration.seconds(min(5, interval * 2 + 0.5))
            guard let jpeg = try watched.newest.jpeg(waiting: limit) else {
                return .none("no picture has come yet: see the stream's state in /api/v1/streams")
            }
            return .jpeg(jpeg.bytes, taken: WallClock.time(ofMonotonic: jpeg.time))
        } catch {
            return .none(error.message)
        }
    }
}
