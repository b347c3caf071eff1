import Capture
import Frames
import HTTP
import MediaClock

extension WireWriter {
    mutating func put(_ options: SourceOptions) {
        put(options.url)
        put(options.transport.rawValue)
        put(options.tls.isVerified)
        put(optional: options.tls.authorities) { $0.put($1) }
        put(list: options.headers) {
            $0.put($1.name)
            $0.put($1.value)
        }
        put(optional: options.track) { $0.put($1) }
        put(options.clock.rawValue)
        put(options.poll)
        put(options.openTimeout)
        put(options.stallTimeout)
        put(options.pace.rawValue)
        put(options.transform)
        put(optional: options.crop) { $0.put($1) }
        put(list: options.masks) { $0.put($1) }
        put(options.view.rawValue)
        put(options.correctsShape)
        put(options.interval)
        put(options.skipsNonReference)
        put(options.watchesCamera)
        put(options.decodeThreads)
        for text in [options.deviceVideoSize, options.deviceFrameRate, options.devicePixelFormat] {
            put(optional: text) { $0.put($1) }
        }
    }

    private mutating func put(_ transform: InputTransform) {
        switch transform.resize {
        case .none: put(list: [0]) { $0.put($1) }
        case .shortestEdge(let side): put(list: [1, side]) { $0.put($1) }
        case .roundedShortestEdge(let side): put(list: [2, side]) { $0.put($1) }
        case .exact(let width, let height): put(list: [3, width, height]) { $0.put($1) }
        }
        put(transform.filter.rawValue)
        put(InputTransform.Place.allCases.firstIndex(of: transform.place) ?? 0)
        put(transform.width)
        put(transform.height)
    }

    private mutating func put(_ region: Region) {
        for value in [region.x, region.y, region.width, region.height] { put(value) }
    }
}

extension WireReader {
    mutating func sourceOptions() throws(Malformed) -> SourceOptions {
        let url = try text()
        let transport = try choice(SourceOptions.Transport.self)
        var tls = SourceOptions.TLS()
        tls.isVerified = try boolean()
        tls.authorities = try optional { reader throws(Malformed) in try reader.text() }
        let headers = try list(upTo: 64) { reader throws(Malformed) in
            HTTPHeader(try reader.text(), try reader.text())
        }
        let track = try optional { reader throws(Malformed) in try reader.integer() }
        let clock = try choice(SourceClock.self)
        let (poll, open, stall) = (try duration(), try duration(), try duration())
        let pace = try choice(SourceOptions.Pace.self)
        let transform = try transform()
        let crop = try optional { reader throws(Malformed) in try reader.region() }
        let masks = try list(upTo: 64) { reader throws(Malformed) in try reader.region() }
        let view = try choice(PictureView.self)
        let correctsShape = try boolean()
        var options = SourceOptions(url: url, transform: transform, interval: try number())
        options.transport = transport
        options.tls = tls
        options.headers = headers
        options.track = track
        options.clock = clock
        (options.poll, options.openTimeout, options.stallTimeout) = (poll, open, stall)
        options.pace = pace
        (options.crop, options.masks, options.view) = (crop, masks, view)
        options.correctsShape = correctsShape
        options.skipsNonReference = try boolean()
        options.watchesCamera = try boolean()
        options.decodeThreads = try integer()
        options.deviceVideoSize = try optional { reader throws(Malformed) in try reader.text() }
        options.deviceFrameRate = try optional { reader throws(Malformed) in try reader.text() }
        options.devicePixelFormat = try optional { reader throws(Malformed) in try reader.text() }
        return options
    }

    private mutating func transform() throws(Malformed) -> InputTransform {
        let sides = try list(upTo: 3) { reader throws(Malformed) in try reader.integer() }
        let resize: InputTransform.Resize
        switch (sides.first, sides.count) {
        case (0, 1): resize = .none
        case (1, 2): resize = .shortestEdge(sides[1])
        case (2, 2): resize = .roundedShortestEdge(sides[1])
        case (3, 3): resize = .exact(width: sides[1], height: sides[2])
        default: throw Malformed()
        }
        guard let filter = InputTransform.Filter(rawValue: try integer()) else { throw Malformed() }
        let place = InputTransform.Place.allCases[try count(upTo: InputTransform.Place.allCases.count - 1)]
        var transform = InputTransform(resize: resize, filter: filter, width: try integer(), height: try integer())
        transform.place = place
        return transform
    }

    private mutating func region() throws(Malformed) -> Region {
        Region(x: try number(), y: try number(), width: try number(), height: try number())
    }
}
