internal import CLibAV
package import Frames

/// A video file's pictures, numbered from 0 in presentation order.
///
/// Evaluation chooses frames by number; a stream chooses them by time. Reading blocks; use it from one thread.
package struct NumberedPictures: ~Copyable {
    /// One crop of a picture: each picture yields one input per crop.
    private final class Crop {
        var painter: InputPainter

        init(_ options: SourceOptions, _ orientation: Orientation, _ name: String) {
            painter = InputPainter(options, orientation: orientation, name: name, taps: SourceTaps())
        }
    }

    /// The number of packets and pictures that did not decode completely.
    package private(set) var damaged = 0

    private let demuxer: Demuxer
    private let decoder: Decoder
    private let packet: Packet
    private let picture: Picture
    private let held: Picture
    private let crops: [Crop]
    private let name: String

    /// The number of pictures in a video. It counts packets, as decord does, so it reads the whole file but decodes
    /// nothing.
    ///
    /// - Throws: `CaptureError` if the file cannot be read or holds no video.
    package static func count(in path: String) throws(CaptureError) -> Int {
        let options = Self.options(path, InputTransform(resize: .none, filter: .nearest, width: 1, height: 1))
        let address = SourceAddress(options.url)
        let demuxer = try OpenedSource.container(options, address, Cancellation())
        let packet = try Packet(for: address.name)
        var count = 0
        while case .packet = try demuxer.read(into: packet) { count += 1 }
        return count
    }

    /// Opens a video file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - transforms: each picture is painted once per transform; not empty.
    /// - Throws: `CaptureError` if the file cannot be read or holds no video.
    package init(opening path: String, transforms: [InputTransform]) throws(CaptureError) {
        precondition(!transforms.isEmpty, "at least one transform is needed")
        let options = Self.options(path, transforms[0])
        let address = SourceAddress(options.url)
        let demuxer = try OpenedSource.container(options, address, Cancellation())
        // One thread, because many videos are read at once.
        let decoder = try Decoder(demuxer.stream, threads: 1, name: address.name)
        let packet = try Packet(for: address.name)
        let picture = try Picture(for: address.name)
        let held = try Picture(for: address.name)
        let orientation = Orientation(of: demuxer.stream)
        crops = transforms.map { Crop(Self.options(path, $0), orientation, address.name) }
        name = address.name
        self.demuxer = demuxer
        self.decoder = decoder
        self.packet = packet
        self.picture = picture
        self.held = held
    }

    /// Decodes up to the last of `numbers` and paints each of them. If the video has fewer pictures, its last one
    /// replaces those that are missing.
    ///
    /// - Parameters:
    ///   - numbers: the pictures to paint, in ascending order.
    ///   - place: returns where to paint, given the position in `numbers` and the position of the transform.
    /// - Throws: `CaptureError` if nothing decodes or a picture cannot be converted.
    package mutating func read(
        _ numbers: [Int],
        into place: (Int, Int) -> UnsafeMutablePointer<UInt8>
    ) throws(CaptureError) {
        var (next, seen, isDraining) = (0, 0, false)
        while next < numbers.count {
            switch try decoder.receive(into: picture) {
            case .picture:
                held.take(from: picture)
                while next < numbers.count, numbers[next] == seen {
                    try paint(next, place)
                    next += 1
                }
                seen += 1
            case .corrupt:
                damaged += 1
                if !isDraining { try feed(&isDraining) }
            case .needsPacket where !isDraining: try feed(&isDraining)
            case .needsPacket, .end:
                guard seen > 0 else {
                    throw CaptureError(.unreadable, "cannot decode \(name): none of its pictures can be decoded")
                }
                while next < numbers.count {
                    try paint(next, place)
                    next += 1
                }
            }
        }
    }

    private mutating func feed(_ isDraining: inout Bool) throws(CaptureError) {
        switch try demuxer.read(into: packet) {
        case .packet:
            if try !decoder.send(packet, skipsNonReference: false) { damaged += 1 }
            packet.clear()
        case .broken:
            damaged += 1
            fallthrough
        case .end:
            isDraining = true
            try decoder.drain()
        }
    }

    private func paint(_ number: Int, _ place: (Int, Int) -> UnsafeMutablePointer<UInt8>) throws(CaptureError) {
        for (index, crop) in crops.enumerated() {
            _ = try crop.painter.paint(held, takenAt: .zero, into: place(number, index))
        }
    }

    private static func options(_ path: String, _ transform: InputTransform) -> SourceOptions {
        var options = SourceOptions(url: path, transform: transform, interval: 1)
        options.correctsShape = false
        return options
    }
}
