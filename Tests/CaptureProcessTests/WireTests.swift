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

    private static var info: SourceInfo {
        SourceInfo(
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
    }

    private static var reports: [[UInt8]] {
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

    /// What a source may declare of itself comes through: libav's largest duration is 2^63 microseconds, its largest rate
    /// 2^31. What the daemon could not reckon with does not: a duration of 1e300 s, or pixels as wide as a sea.
    @Test func whatNoSourceDeclaresIsRefused() throws {
        func read(_ adjust: (inout SourceInfo) -> Void) throws -> SourceInfo? {
            var info = Self.info
            adjust(&info)
            let bytes = CaptureReport.opened(info, holdsVideo: false).bytes
            guard case .opened(let read, _) = try CaptureReport(bytes[...]) else { return nil }
            return read
        }
        #expect(try read { $0.duration = 9_223_372_036_854.775 }?.duration == 9_223_372_036_854.775)
        #expect(try read { $0.frameRate = 2_147_483_647 }?.frameRate == 2_147_483_647)
        for duration in [1e300, 1e19, -1] {
            #expect(throws: WireReader.Malformed.self) { try read { $0.duration = duration } }
        }
        for aspect in [1e300, 1e-300, 0, -1] {
            #expect(throws: WireReader.Malformed.self) { try read { $0.aspect = aspect } }
        }
        for rate in [1e300, -1] {
            #expect(throws: WireReader.Malformed.self) { try read { $0.frameRate = rate } }
        }
    }

    /// With an hour's window of eight frames, 2^60 ticks are more seconds than a duration holds.
    @Test func whatNoPictureMeasuresIsRefused() throws {
        func read(_ adjust: (inout SampledFrame) -> Void) throws -> SampledFrame? {
            var picture = Self.picture
            adjust(&picture.frame)
            guard case .picture(let read) = try CaptureReport(CaptureReport.picture(picture).bytes[...]) else {
                return nil
            }
            return read.frame
        }
        // The last ticks that the sampling grid gives.
        let last = 999_999_999_999_999..<1_000_000_000_000_000
        #expect(try read { $0.ticks = last }?.ticks == last)
        #expect(throws: WireReader.Malformed.self) { try read { $0.ticks = 0..<(1 << 60) } }
        #expect(throws: WireReader.Malformed.self) { try read { $0.measures?.light = 3e38 } }
        #expect(throws: WireReader.Malformed.self) { try read { $0.measures?.camera[.covered] = -3e38 } }
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
