import Capture
import Checkpoints
import Foundation
import Frames
import TestSupport
import XCLIP

@testable import CaptureProcess
@testable import EventFeed
@testable import ONVIF
@testable import Settings
@testable import WebFeed

/// What comes from outside, each as a function of its bytes: it must return, whatever they are. libFuzzer sees crashes,
/// hangs and leaks.
enum FuzzTarget: String, CaseIterable {
    case requests, http, configuration, safetensors, pytorch, pickle, zip, tokenizer, onvif, reports, video

    func run(_ data: Data) {
        switch self {
        case .requests: Self.requests(data)
        case .http: Self.http(data)
        case .configuration: Self.configuration(data)
        case .safetensors: Self.checkpoint(data, name: "model.safetensors")
        case .pytorch: Self.checkpoint(data, name: "pytorch_model.bin")
        case .pickle:
            var recipe = ArchiveRecipe(data)
            Self.checkpoint(Data(recipe.pickle()), name: "pytorch_model.bin")
        case .zip:
            var recipe = ArchiveRecipe(data)
            Self.checkpoint(Data(recipe.zip()), name: "pytorch_model.bin")
        case .tokenizer: Self.tokenizer(data)
        case .onvif: Self.onvif(Array(data))
        case .reports: Self.reports(Array(data))
        case .video: Self.video(data)
        }
    }

    /// A line that a client of the event socket sent.
    private static func requests(_ data: Data) {
        _ = try? FeedRequest(parsing: data)
    }

    /// The head of an HTTP request, and whether it would be let in.
    private static func http(_ data: Data) {
        guard let head = try? RequestHead(parsing: data), let listen = ListenAddress("0.0.0.0:8642") else { return }
        let access = Access(WebSettings(listen: listen, token: "0123456789abcdef"))
        try? access.checkOrigin(head)
        _ = access.isLetIn(head)
        _ = try? EventList.Query(head.target)
        _ = try? EventStream.Request(head)
    }

    /// A configuration file, with variables to expand.
    private static func configuration(_ data: Data) {
        let text = String(decoding: data, as: UTF8.self)
        let environment = ["NAME": "value", "WATCHWORD_DEFAULTS_HOP": "2"]
        _ = try? Configuration.decode(text, file: "w.yaml", environment: environment)
    }

    /// A file of weights, as its name says: opened, and every tensor read.
    private static func checkpoint(_ data: Data, name: String) {
        withFile(data, name) { path in
            guard let checkpoint = try? Checkpoint(file: path) else { return }
            for tensor in checkpoint.tensors.values { _ = try? tensor.floats() }
        }
    }

    /// A tokenizer.json.
    private static func tokenizer(_ data: Data) {
        withFile(data, "tokenizer.json") { path in
            let directory = (path as NSString).deletingLastPathComponent
            guard let tokenizer = try? Tokenizer(directory: directory) else { return }
            _ = tokenizer.encode("a person puts down a parcel, naïvely", limit: 77)
        }
    }

    /// What a camera answers, to a search or to a request.
    private static func onvif(_ bytes: [UInt8]) {
        for device in FoundDevice.devices(in: bytes, from: "10.0.0.7") {
            _ = (device.title, device.location, device.isAt(host: "10.0.0.7", port: 80))
        }
        guard let root = try? XMLElement(parsing: bytes), let name = root.child("Body")?.children.first?.name,
            case .response(let response)? = try? SOAPMessage.answer(bytes, named: name)
        else { return }
        _ = DeviceClock.time(response)
        let profiles = response.children("Profiles").compactMap { MediaProfile($0) }
        _ = MediaProfile.ranked(profiles, shortSide: 224).map(\.summary)
        let address = CameraAddress("onvif://user:password@10.0.0.7")
        _ = response.children("Service").compactMap { $0.child("XAddr").flatMap { address?.service(at: $0.text) } }
        _ = EndpointReference(response.child("GUID")?.text ?? "")
    }

    /// What a capture process sends that a camera has taken over, and what it is sent.
    private static func reports(_ bytes: [UInt8]) {
        _ = try? CaptureReport(bytes[...])
        _ = try? CaptureRequest(bytes[...])
        _ = ClipAnswer(bytes)
    }

    /// A file of video: opened, and its first pictures decoded, scaled and sampled.
    private static func video(_ data: Data) {
        withFile(data, "clip") { path in
            let transform = InputTransform(resize: .shortestEdge(32), filter: .bicubic, width: 32, height: 32)
            var options = SourceOptions(url: path, transform: transform, interval: 0.2)
            options.pace = .asFast
            options.decodeThreads = 1
            guard var source = try? VideoSource.open(options, cancellation: Cancellation()) else { return }
            let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: transform.byteCount)
            defer { pixels.deallocate() }
            for _ in 0..<20 {
                guard let frame = try? source.next(into: pixels), !frame.ticks.isEmpty else { break }
            }
        }
    }

    /// In memory, so that the disk is not what is measured.
    private static let directory = "/dev/shm/watchword-fuzz-\(getpid())"

    private static func withFile(_ data: Data, _ name: String, _ body: (String) -> Void) {
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = "\(directory)/\(name)"
        guard FileManager.default.createFile(atPath: path, contents: data) else { return }
        body(path)
        unlink(path)
    }
}
