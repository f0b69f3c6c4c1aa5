package rollout

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// Buckets is how many buckets there are: a share is kept to one in ten thousand.
const Buckets = 10_000

// Bucket draws the bucket of a unit, 0 to 9999, from a seed. A unit is whatever
// is drawn as a whole: a lead, an account, a rep or a team, by its key. The same
// seed and unit have the same bucket for ever; under another seed a unit's
// bucket has nothing to do with this one. testdata/buckets.csv pins it.
//
// It is the SHA-256 digest of the seed's length in bytes (eight bytes, most
// significant first), the seed, and the unit; its first eight bytes, read most
// significant first as a whole number, modulo 10,000. The length keeps seed "ab"
// with unit "c" apart from seed "a" with unit "bc". No bucket is likelier than
// another by more than one part in 10^15.
func Bucket(seed, unit string) int {
	text := binary.BigEndian.AppendUint64(nil, uint64(len(seed)))
	digest := sha256.Sum256(append(append(text, seed...), unit...))
	return int(binary.BigEndian.Uint64(digest[:8]) % Buckets) //nolint:gosec // The remainder is below 10,000.
}

// In says whether a bucket belongs to the cohort when a share of all units, 0 to
// 1, does. The buckets below the share are in, so a greater share never moves
// anyone out. The share is rounded to one in ten thousand; of a negative share,
// or one that is no number, nobody is.
func In(bucket int, share float64) bool {
	return float64(bucket) < math.Round(share*Buckets)
}
