import CKernels

/// Cuts byte pictures into patches: each row of `rows` is one patch, its pixels in (y, x, channel) order, as floats.
///
/// - pixels: [pictures, height, width, 3] bytes.
/// - rows: [pictures · (height / patch) · (width / patch), patch · patch · 3].
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
