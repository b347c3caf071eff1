import Frames
import HTTP
import MediaClock
import ONVIF
import TestSupport
import Testing

@testable import Capture
@testable import CaptureProcess

/// Messages between the daemon and its capture processes.
@Suite struct WireTests {
    private static let transform = InputTransform(resize: .shortestEdge(224), filter: .bicubic, width: 224, height: 224)

    /// Each option differs from its default, so that one that is left out shows.
    private static var options: SourceOptions {
        var transform = InputTransform(
            resize: .exact(width: 96, height: 80),
            filter: .openCVLinear,
            width: 96,
            height: 80
        )
        transform.place = .far
        var options = SourceOptions(url: "rtsp://user:secret@camera/é", transform: transform, interval: 0.4375)
        options.transport = .udpMulticast
        options.tls.isVerified = false
        options.tls.authorities = "/etc/ca.pem"
        options.headers = [.init("X-One", "1"), .init("X-Two", "")]
        options.track = 3
        options.clock = .arrival
        options.poll = .milliseconds(1500)
        options.openTimeout = .milliseconds(7001)
        options.stallTimeout = .seconds(600)
        options.pace = .asFast
        options.crop = Region(x: 0.1, y: 0.2, width: 0.3, height: 0.4)
        options.masks = [Region(x: 0, y: 0, width: 1, height: 0.1), .whole]
        options.view = .tiles
        options.correctsShape = false
        options.skipsNonReference = false
        options.watchesCamera = true
        options.decodeThreads = 2
        options.deviceVideoSize = "1280x720"
        options.deviceFrameRate = "30"
        options.devicePixelFormat = "mjpeg"
        return options
    }

    private static var picture: CapturedPicture {
        var measures = PictureMeasures()
        (measures.light, measures.contrast, measures.colour) = (1.5, 2.5, 3.5)
        (measures.noise, measures.unchanged, measures.damage) = (4.5, 0.25, 0.125)
        measures.likeness = -0.75
        for trouble in CameraTrouble.allCases { measures.camera[trouble] = Float(trouble.rawValue) / 16 }
        measures.camera.isCut = true
        let frame = SampledFrame(time: -1.25, ticks: 7..<9, parts: .down(3), measures: measures)
        return CapturedPicture(
            slot: 2,
            frame: frame,
            takenAt: .milliseconds(123_456),
            newest: PixelSize(width: 640, height: 360),
            history: nil
        )
    }

    private static let camera = CameraMemory.Note(endpoint: "urn:uuid:1", service: "http://10.0.0.7:8000/onvif")

    private static var reports: [[UInt8]] {
        let info = SourceInfo(
            container: "rtsp",
            codec: "h264",
            width: 1920,
            height: 1080,
            frameRate: 25,
            hasConstantFrameRate: true,
            pixelFormat: "yuv420p",
            rotation: 90,
            aspect: 1.5,
            isInterlaced: true,
            duration: nil,
            isLive: true
        )
        let error = CaptureError(.refused, "cannot open rtsp://camera", libavCode: -111)
        return [
            CaptureReport.alive, .confined("files"), .waiting("for a key frame"), .opened(info, holdsVideo: true),
            .picture(picture), .clock(.arrival, reason: "it has none"), .rate(12.5), .ended(damaged: 3, early: error),
            .failed(error), .log(.warning, "a line"), .camera(camera), .camera(.init(endpoint: nil, service: nil)),
        ].map(\.bytes)
    }

    @Test func allOptionsArrive() throws {
        var opening = CaptureRequest.Opening(options: Self.options, newestWidest: 640, keepsHistory: true)
        opening.clipLength = .seconds(11)
        opening.camera = Self.camera
        opening.hasPipe = true
        opening.hasComplaints = true
        guard case .open(let read) = try CaptureRequest(CaptureRequest.open(opening).bytes[...]) else {
            Issue.record("another request")
            return
        }
        #expect(read.options == Self.options)
        #expect(read.newestWidest == 640 && read.keepsHistory && read.hasPipe && read.hasComplaints)
        #expect(read.clipLength == .seconds(11))
        #expect(read.camera == Self.camera)
    }

    @Test func aPictureArrives() throws {
        guard case .picture(let read) = try CaptureReport(CaptureReport.picture(Self.picture).bytes[...]) else {
            Issue.record("another report")
            return
        }
        #expect(read == Self.picture)
    }

    @Test func aReportCutAnywhereIsAnError() {
        for report in Self.reports {
            for count in report.indices {
                #expect(throws: WireReader.Malformed.self) { try CaptureReport(report[..<count]) }
            }
            #expect(throws: WireReader.Malformed.self) { try CaptureReport((report + [0])[...]) }
        }
    }

    /// A hostile process may write anything: it is read or refused, and never traps.
    @Test func whatAHostileProcessWritesIsReadOrRefused() {
        var random = SeededGenerator(seed: 24)
        var (read, refused) = (0, 0)
        for _ in 0..<200_000 {
            guard var report = Self.reports.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: report.indices, using: &random)
                report[place] = Bool.random(using: &random) ? .random(in: 0...255, using: &random) : 0xFF
            }
            do {
                if case .picture(let picture) = try CaptureReport(report[...]) {
                    #expect((0..<PictureMemory.slotCount).contains(picture.slot))
                    #expect(picture.frame.ticks.lowerBound >= 0 && !picture.frame.ticks.isEmpty)
                    #expect(picture.frame.time.isFinite)
                }
                read += 1
            } catch {
                refused += 1
            }
        }
        #expect(read > 10_000 && refused > 10_000)
    }

    /// Sizes that the process claims are held against what the memory has.
    @Test func aSmallPictureOfAnImpossibleSizeIsNone() {
        let planes = [UInt8](repeating: 0, count: PlanarPicture.mostBytes(widest: 64))
        planes.withUnsafeBytes { planes in
            #expect(PlanarPicture(width: 64, height: 36, widest: 64, planes: planes)?.bytes.count == 64 * 36 * 3 / 2)
            for (width, height) in [(66, 36), (64, 258), (0, 36), (64, 0), (63, 36), (64, 35), (1 << 16, 1 << 16)] {
                #expect(PlanarPicture(width: width, height: height, widest: 64, planes: planes) == nil)
            }
        }
    }
}
