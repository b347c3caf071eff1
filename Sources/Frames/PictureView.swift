/// How much of a picture the model sees. The model's input is a square, and a picture seldom is.
package enum PictureView: String, Sendable, CaseIterable {
    /// The square in the middle, as the reference does.
    case square
    /// All of it, squashed into the square.
    case whole
    /// Squares that overlap, along the longer side. Each is an input of its own.
    case tiles

    /// The most inputs that a picture gives.
    package var mostParts: Int { self == .tiles ? PictureParts.most : 1 }

    /// The transform of each part, for a model whose own is `transform`.
    package func transform(_ transform: InputTransform) -> InputTransform {
        var transform = transform
        if self == .whole { transform.resize = .exact(width: transform.width, height: transform.height) }
        return transform
    }

    /// The parts of a picture of this size with square pixels.
    ///
    /// The cost grows with each tile. Up to an eighth more than a square is not worth a second one. Two tiles overlap by at
    /// least half of their side, and so do three up to twice as long as wide. A longer picture has three all the same.
    package func parts(width: Int, height: Int) -> PictureParts {
        let (short, long) = (min(width, height), max(width, height))
        guard self == .tiles, short > 0, 8 * long > 9 * short else { return .one }
        let count = 2 * long <= 3 * short ? 2 : PictureParts.most
        return width > height ? .across(count) : .down(count)
    }
}

/// The inputs that one picture gives, in the order in which their bytes follow one another.
package enum PictureParts: Sendable, Equatable {
    case one
    /// Side by side, from the left.
    case across(Int)
    /// One below the other, from the top.
    case down(Int)

    package static let most = 3

    package var count: Int {
        switch self {
        case .one: 1
        case .across(let count), .down(let count): count
        }
    }
}
