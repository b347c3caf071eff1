/// What training tools put around the names of a model's weights.
extension Checkpoint {
    /// Parts of a name that torch.compile, FSDP and activation checkpointing insert anywhere.
    private static let inserted: Set<Substring> = ["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"]
    /// The weight that every X-CLIP model has, under this name in both namings.
    private static let anchor = "logit_scale"

    /// The same weights under the model's own names: without inserted parts, and without what stands before `logit_scale`
    /// (`module.`, `model.`, `student.net.` and the like). Weights of something else keep their names.
    ///
    /// - Throws: `CheckpointError` if two weights would have one name, or several models are in the file.
    func unwrapped() throws(CheckpointError) -> Checkpoint {
        let names = (Array(tensors.keys) + others.keys).map { ($0, Self.withoutInserted($0)) }
        let anchors = names.map(\.1).filter { $0 == Self.anchor || $0.hasSuffix("." + Self.anchor) }
        guard anchors.count < 2 || anchors.contains(Self.anchor) else {
            let prefixes = anchors.map { String($0.dropLast(Self.anchor.count)) }.sorted().joined(separator: ", ")
            throw CheckpointError(
                .unsupported,
                at: path,
                "holds several models (\(prefixes)); save the state dict of one of them"
            )
        }
        let prefix =
            anchors.contains(Self.anchor) ? "" : String((anchors.first ?? Self.anchor).dropLast(Self.anchor.count))
        guard !prefix.isEmpty || names.contains(where: { $0 != $1 }) else { return self }
        var (tensors, others) = ([String: Tensor](), [String: String]())
        for (name, bare) in names {
            let bare = bare.hasPrefix(prefix) ? String(bare.dropFirst(prefix.count)) : bare
            guard tensors[bare] == nil, others[bare] == nil else {
                throw CheckpointError(.malformed, at: path, "holds tensor \(bare) twice, once as \(name)")
            }
            tensors[bare] = self.tensors[name]?.named(bare)
            others[bare] = self.others[name]
        }
        return Checkpoint(path: path, tensors: tensors, others: others, prefix: prefix)
    }

    private static func withoutInserted(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.contains(where: inserted.contains)
            ? parts.filter { !inserted.contains($0) }.joined(separator: ".") : name
    }
}
