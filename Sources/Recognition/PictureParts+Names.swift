package import Events
package import Frames

extension PictureParts {
    /// The name of a part; nil if the picture has only one.
    package func name(ofPart index: Int) -> PicturePart? {
        switch self {
        case .one: nil
        case .across(let count): index == 0 ? .left : index == count - 1 ? .right : .middle
        case .down(let count): index == 0 ? .top : index == count - 1 ? .bottom : .middle
        }
    }
}
