//! The Merkle tree of RFC 6962 (section 2.1) over SHA-256, which makes an append-only log provable.
//!
//! A [`Frontier`] is all that has to be kept to append and to know the root: at most 64 hashes, whatever the
//! size. Proofs are made from the hashes of the leaves, and are checked with nothing but two roots or a root
//! and a leaf, so also by whoever does not trust the log's keeper.

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

// A leaf can never be passed off as a node, nor a node as a leaf.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// The hash of one entry of the log.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update(LEAF).chain_update(entry).finalize().into()
}

/// The hash of a subtree, of the hashes of its two halves.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update(NODE).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree with these leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The right edge of a tree: its size and the roots of the complete subtrees it consists of, the largest and
/// oldest first. There is one subtree for every bit set in the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let complete = self.size.trailing_ones() as usize;
        let kept = self.roots.len().saturating_sub(complete);
        let subtree = self.roots.drain(kept..).rfold(leaf, |right, left| node_hash(&left, &right));
        self.roots.push(subtree);
        self.size += 1;
    }

    /// The root of the tree; that of the empty tree is the digest of nothing.
    pub fn root(&self) -> Hash {
        let from_the_right = self.roots.iter().rev().copied();
        from_the_right
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The form in which it is stored: the size in 8 bytes, big endian, then the roots.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.size.to_be_bytes()[..], self.roots.as_flattened()].concat()
    }

    /// Reads the stored form; `None` if the bytes are not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk()?;
        let size = u64::from_be_bytes(*size);
        let (roots, []) = rest.as_chunks() else { return None };
        (roots.len() == size.count_ones() as usize).then(|| Self { size, roots: roots.to_vec() })
    }
}

/// The proof that the leaf at `index` (from 0) is in the tree with these leaves: the sibling hashes on its way
/// to the root, lowest first. `None` if there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    let (mut subtree, mut index) = (leaves, index);
    while subtree.len() > 1 {
        let (left, right) = halves(subtree);
        if index < left.len() {
            proof.push(root(right));
            subtree = left;
        } else {
            proof.push(root(left));
            index -= left.len();
            subtree = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// The proof that the tree of the first `old_size` of these leaves is a beginning of the tree of all of them.
/// It is empty for the empty tree and for the whole. `None` if there are fewer leaves.
pub fn consistency_proof(leaves: &[Hash], old_size: usize) -> Option<Vec<Hash>> {
    if old_size > leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    if old_size == 0 {
        return Some(proof);
    }
    // The part of the old tree that lies in `subtree`. The verifier has the old root itself, so that is left
    // out as long as this part is all of the old tree.
    let (mut subtree, mut old_part) = (leaves, old_size);
    while old_part < subtree.len() {
        let (left, right) = halves(subtree);
        if old_part <= left.len() {
            proof.push(root(right));
            subtree = left;
        } else {
            proof.push(root(left));
            old_part -= left.len();
            subtree = right;
        }
    }
    if old_part < old_size {
        proof.push(root(subtree));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that `leaf` stands at `index` (from 0) in the tree of `size` leaves with this root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match climb.step() {
            Some(Side::Left) => node_hash(sibling, &hash),
            Some(Side::Right) => node_hash(&hash, sibling),
            None => return false,
        };
    }
    climb.is_at_root() && hash == *root
}

/// Whether `proof` shows that the tree of `old_size` leaves with `old_root` is a beginning of the tree of
/// `new_size` leaves with `new_root`.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> bool {
    if old_size == 0 {
        return proof.is_empty() && *old_root == root(&[]);
    }
    if old_size >= new_size {
        return old_size == new_size && proof.is_empty() && old_root == new_root;
    }
    // Both climbs begin at the last complete subtree of the old tree. If that is all of the old tree its root
    // is known, otherwise the proof begins with it.
    let start = if old_size.is_power_of_two() { Some((old_root, proof)) } else { proof.split_first() };
    let Some((start, siblings)) = start else { return false };
    let height = old_size.trailing_zeros();
    let mut climb = Climb { node: (old_size - 1) >> height, last: (new_size - 1) >> height };
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in siblings {
        match climb.step() {
            Some(Side::Left) => {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
            }
            Some(Side::Right) => new_hash = node_hash(&new_hash, sibling),
            None => return false,
        }
    }
    climb.is_at_root() && old_hash == *old_root && new_hash == *new_root
}

/// Splits two or more leaves where RFC 6962 does: the left half is the largest power of two that leaves
/// something for the right.
fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(1 << (leaves.len() - 1).ilog2())
}

/// A way from a node up to the root: the node's number and that of the last node on the same level.
struct Climb {
    node: u64,
    last: u64,
}

/// On which side of a node its sibling stands.
enum Side {
    Left,
    Right,
}

impl Climb {
    /// Goes up to the next node that has a sibling below it; `None` at the root. A last node without a
    /// sibling is its own parent, so its levels are passed at once.
    fn step(&mut self) -> Option<Side> {
        if self.is_at_root() {
            return None;
        }
        let (side, levels) = if self.node % 2 == 1 {
            (Side::Left, 1)
        } else if self.node == self.last {
            (Side::Left, self.node.trailing_zeros() + 1)
        } else {
            (Side::Right, 1)
        };
        self.node >>= levels;
        self.last >>= levels;
        Some(side)
    }

    fn is_at_root(&self) -> bool {
        self.last == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The leaves of the test tree that implementations of Certificate Transparency share.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    /// The roots of its first 0 to 8 leaves.
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn known_leaves() -> Vec<Hash> {
        LEAVES.iter().map(|entry| leaf_hash(&hex::decode(entry).unwrap())).collect()
    }

    fn numbered_leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// Word for word the definition of the Merkle Tree Hash.
    fn defined_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = halves(leaves);
                node_hash(&defined_root(left), &defined_root(right))
            }
        }
    }

    #[test]
    fn the_known_tree_has_the_known_roots() {
        let leaves = known_leaves();
        for (size, expected) in ROOTS.iter().enumerate() {
            assert_eq!(hex::encode(root(&leaves[..size])), *expected, "{size} leaves");
        }
    }

    #[test]
    fn the_known_tree_has_the_known_proofs() {
        let leaves = known_leaves();
        let inclusion: Vec<_> = inclusion_proof(&leaves, 0).unwrap().iter().map(hex::encode).collect();
        assert_eq!(
            inclusion,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        );
        let consistency: Vec<_> =
            consistency_proof(&leaves[..5], 2).unwrap().iter().map(hex::encode).collect();
        assert_eq!(
            consistency,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        );
    }

    #[test]
    fn every_proof_in_small_trees_holds_and_for_nothing_else() {
        let leaves = numbered_leaves(20);
        for size in 0..=leaves.len() {
            let tree = &leaves[..size];
            let new_root = root(tree);
            assert_eq!(inclusion_proof(tree, size), None);
            assert_eq!(consistency_proof(tree, size + 1), None);
            for (index, leaf) in tree.iter().enumerate() {
                let proof = inclusion_proof(tree, index).unwrap();
                for claimed in 0..=size {
                    let holds = verify_inclusion(claimed as u64, size as u64, leaf, &proof, &new_root);
                    assert_eq!(holds, claimed == index, "leaf {index} claimed at {claimed} of {size}");
                }
            }
            for old_size in 0..=size {
                let proof = consistency_proof(tree, old_size).unwrap();
                for claimed in 0..=size + 1 {
                    let old_root = root(&leaves[..claimed.min(20)]);
                    let holds = verify_consistency(claimed as u64, size as u64, &proof, &old_root, &new_root);
                    let same_proof = claimed <= size && consistency_proof(tree, claimed).unwrap() == proof;
                    assert_eq!(holds, same_proof, "first {old_size} claimed as {claimed} of {size}");
                }
            }
        }
    }

    #[test]
    fn a_stored_frontier_of_the_wrong_length_is_refused() {
        assert_eq!(Frontier::from_bytes(&[0; 7]), None);
        assert_eq!(Frontier::from_bytes(&[0; 8]), Some(Frontier::default()));
        assert_eq!(Frontier::from_bytes(&[0; 40]), None);
        assert_eq!(Frontier::from_bytes(&[&3_u64.to_be_bytes()[..], &[0; 63]].concat()), None);
    }

    proptest! {
        #[test]
        fn a_frontier_has_the_defined_root_at_every_size(count in 0_usize..300) {
            let leaves = numbered_leaves(count);
            let mut frontier = Frontier::default();
            for (size, leaf) in leaves.iter().enumerate() {
                prop_assert_eq!(frontier.size(), size as u64);
                prop_assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Some(frontier.clone()));
                frontier.push(*leaf);
            }
            prop_assert_eq!(frontier.root(), defined_root(&leaves));
        }

        #[test]
        fn a_changed_proof_does_not_hold(
            (size, index, old_size) in (2_usize..200)
                .prop_flat_map(|size| (Just(size), 0..size, 1..size)),
            (position, bit) in (0_usize..8, 0_usize..256),
        ) {
            let leaves = numbered_leaves(size);
            let (old_root, new_root) = (root(&leaves[..old_size]), root(&leaves));
            let (size, at) = (size as u64, index as u64);

            let inclusion = inclusion_proof(&leaves, index).unwrap();
            prop_assert!(verify_inclusion(at, size, &leaves[index], &inclusion, &new_root));
            let consistency = consistency_proof(&leaves, old_size).unwrap();
            prop_assert!(verify_consistency(old_size as u64, size, &consistency, &old_root, &new_root));

            for changed in changes(&inclusion, position, bit) {
                prop_assert!(!verify_inclusion(at, size, &leaves[index], &changed, &new_root));
            }
            for changed in changes(&consistency, position, bit) {
                prop_assert!(!verify_consistency(old_size as u64, size, &changed, &old_root, &new_root));
            }
        }
    }

    /// The proof with a bit flipped, with a hash removed and with one added.
    fn changes(proof: &[Hash], position: usize, bit: usize) -> [Vec<Hash>; 3] {
        let position = position % proof.len();
        let [mut flipped, mut shorter, mut longer] = [proof.to_vec(), proof.to_vec(), proof.to_vec()];
        flipped[position][bit / 8] ^= 1 << (bit % 8);
        shorter.remove(position);
        longer.insert(position, proof[position]);
        [flipped, shorter, longer]
    }
}
