internal import CLibAV
internal import Glibc
import HTTP
import System
import Text

/// A source's bytes where libav does not open it itself: an HTTP answer, whose type decides how it is read, a command's
/// output, or a pipe.
final class ByteInput {
    private(set) var pointer: UnsafeMutablePointer<AVIOContext>?
    /// What reads the bytes, where that is not libav.
    private let reader: ByteReader?
    private var web: WebInput? { reader as? WebInput }
    /// What opens the further parts of an HTTP source.
    let parts: SourceParts?
    /// Where redirections have led; nil if libav followed them.
    var url: String? { web?.url }

    /// Opens the source's bytes.
    ///
    /// - Returns: nil if libav is to open the source.
    static func open(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) -> ByteInput? {
        if let pipe = options.pipe { return try ByteInput(PipeInput(pipe, interrupt), address.name) }
        return switch address.kind {
        case .http: try ByteInput(request: options, address, interrupt)
        case .command: try ByteInput(PipeInput(command: address.target, for: address.name, interrupt), address.name)
        case .pipe: try ByteInput(PipeInput(path: address.target, for: address.name, interrupt), address.name)
        case .rtsp, .network, .session, .device, .generator, .file: nil
        }
    }

    private init(
        request options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) {
        parts = SourceParts(options, address, interrupt)
        guard options.headers.isEmpty else {
            let web = try WebInput(address.target, options, name: address.name, interrupt)
            reader = web
            pointer = try web.makeContext(address.name, isSeekable: web.isSeekable)
            return
        }
        reader = nil
        var dictionary = OptionDictionary()
        dictionary.set("protocol_whitelist", OptionDictionary.protocols(.http))
        dictionary.setTLS(options.tls)
        var pointer: UnsafeMutablePointer<AVIOContext>?
        var callback = interrupt.callback
        let code = dictionary.with { avio_open2(&pointer, address.target, AVIO_FLAG_READ, &callback, $0) }
        guard code >= 0, let pointer else { throw .libav(code, "open", address.name) }
        self.pointer = pointer
    }

    private init(_ pipe: PipeInput, _ name: String) throws(CaptureError) {
        reader = pipe
        parts = nil
        pointer = try pipe.makeContext(name, isSeekable: false)
    }

    /// The answer's media type in lower case, without its parameters; nil if there is none.
    var mediaType: String? { contentType?.split(separator: ";").first.map { $0.lowercased() } }

    /// The boundary between the parts of a multipart answer.
    var boundary: String? { contentType.flatMap { MultipartFramer.boundary(of: $0) } }

    private var contentType: String? { web?.contentType ?? option("mime_type") }

    /// Whether the source says how many bytes it has, as a file does.
    var hasLength: Bool {
        guard !(reader is PipeInput), let pointer else { return false }
        return avio_size(pointer) > 0
    }

    /// Reads bytes, at least one unless the source has ended.
    ///
    /// - Returns: the number of bytes, or libav's code.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
        avio_read_partial(pointer, buffer.baseAddress, Int32(clamping: buffer.count))
    }

    private func option(_ name: String) -> String? {
        guard reader == nil, let pointer else { return nil }
        var value: UnsafeMutablePointer<UInt8>?
        guard av_opt_get(pointer, name, AV_OPT_SEARCH_CHILDREN, &value) >= 0, let value else { return nil }
        defer { av_free(value) }
        return String(cString: value)
    }

    /// Releases the source. Nothing may read from it afterwards.
    func close() {
        if let reader {
            reader.release(&pointer)
        } else {
            avio_closep(&pointer)
        }
    }

    deinit { close() }
}
