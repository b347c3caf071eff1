internal import CLibAV
internal import Glibc
import HTTP
import System
import Text

/// A source's bytes where libav does not open it itself: an HTTP answer, whose type decides how it is read, a command's
/// output, or a pipe.
final class ByteInput {
    private(set) var pointer: UnsafeMutablePointer<AVIOContext>?
    private let pipe: PipeInput?

    /// Opens the source's bytes.
    ///
    /// - Returns: nil if libav is to open the source.
    static func open(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) -> ByteInput? {
        if let pipe = options.pipe { return try ByteInput(PipeInput(pipe, interrupt), address) }
        return switch address.kind {
        case .http: try ByteInput(request: options, address, interrupt)
        case .command: try ByteInput(PipeInput(command: address.target, for: address.name, interrupt), address)
        case .pipe: try ByteInput(PipeInput(path: address.target, for: address.name, interrupt), address)
        case .rtsp, .network, .session, .device, .generator, .file: nil
        }
    }

    private init(
        request options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) {
        var dictionary = OptionDictionary()
        dictionary.set("protocol_whitelist", OptionDictionary.protocols(.http))
        dictionary.setHTTP(options)
        var pointer: UnsafeMutablePointer<AVIOContext>?
        var callback = interrupt.callback
        let code = dictionary.with { avio_open2(&pointer, address.target, AVIO_FLAG_READ, &callback, $0) }
        guard code >= 0, let pointer else { throw .libav(code, "open", address.name) }
        self.pointer = pointer
        pipe = nil
    }

    private init(_ pipe: PipeInput, _ address: SourceAddress) throws(CaptureError) {
        self.pipe = pipe
        pointer = try pipe.makeContext(address.name)
    }

    /// The answer's media type in lower case, without its parameters; nil if there is none.
    var mediaType: String? { option("mime_type")?.split(separator: ";").first.map { $0.lowercased() } }

    /// The boundary between the parts of a multipart answer.
    var boundary: String? { option("mime_type").flatMap { MultipartFramer.boundary(of: $0) } }

    /// Whether the source says how many bytes it has, as a file does.
    var hasLength: Bool {
        guard pipe == nil, let pointer else { return false }
        return avio_size(pointer) > 0
    }

    /// Reads bytes, at least one unless the source has ended.
    ///
    /// - Returns: the number of bytes, or libav's code.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
        avio_read_partial(pointer, buffer.baseAddress, Int32(clamping: buffer.count))
    }

    private func option(_ name: String) -> String? {
        guard let pointer else { return nil }
        var value: UnsafeMutablePointer<UInt8>?
        guard av_opt_get(pointer, name, AV_OPT_SEARCH_CHILDREN, &value) >= 0, let value else { return nil }
        defer { av_free(value) }
        return String(cString: value)
    }

    /// Releases the source. Nothing may read from it afterwards.
    func close() {
        if let pipe {
            pipe.release(&pointer)
        } else {
            avio_closep(&pointer)
        }
    }

    deinit { close() }
}
