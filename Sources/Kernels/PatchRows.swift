import CKernels

/// Cuts pictures of bytes into patches, converted to floats. Each row is one patch, with its pixels in (y, x, channel)
/// order.
///
/// - Parameters:
///   - rows: [pictures · (height / patch) · (width / patch), patch · patch · 3].
///   - pixels: [pictures, height, width, 3] bytes.
///   - pictures: the number of pictures.
///   - height: the height of a picture in pixels.
///   - width: the width of a picture in pixels.
///   - patch: the side of a patch in pixels.
///   - team: the threads.
package func patchRows(
    _ rows: Rows,
    pixels: UnsafePointer<UInt8>,
    pictures: Int,
    height: Int,
    width: Int,
    patch: Int,
    team: ComputeTeam
) {
    precondition(rows.count == pictures * (height / patch) * (width / patch) && rows.width == patch * patch * 3)
    ww_patch_rows(team.raw, rows.base, rows.stride, pixels, pictures, height, width, patch)
}
