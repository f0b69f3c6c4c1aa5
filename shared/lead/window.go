package lead

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// generation is how many signals one half of the window holds. Both halves
// together know between 32 and 64 signals, in at most 512 bytes.
const generation = 32

// Window remembers which signals were applied lately, in two halves: when the
// newer one is full it becomes the older one, and what the older one held is
// forgotten. Floor then says how far back forgetting reaches.
type Window struct {
	Old    []byte    `json:"old,omitempty"` // 8 bytes of hash a signal
	New    []byte    `json:"new,omitempty"`
	OldMax time.Time `json:"old_max,omitzero"` // latest received_at in Old
	NewMax time.Time `json:"new_max,omitzero"`
	// Floor is the latest received_at of any forgotten signal: one that was
	// received later and is not in the window is new for certain; for an older
	// one only the stored signals can tell.
	Floor time.Time `json:"floor,omitzero"`
}

// signalName names a signal within its lead: by its source and id, and by where
// it is stored when that is under another of the lead's names.
func signalName(s signal.Signal) string {
	if s.Home != "" {
		return string(s.Home) + "/" + s.Source + "#" + s.ID
	}
	return s.Source + "#" + s.ID
}

func windowHash(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:8]
}

// has tells whether the window holds the signal.
func (w Window) has(name string) bool {
	h := windowHash(name)
	return contains(w.New, h) || contains(w.Old, h)
}

// forgets tells whether the signal could have been applied and forgotten.
func (w Window) forgets(s signal.Signal) bool {
	return !w.Floor.IsZero() && !s.ReceivedAt.After(w.Floor)
}

// add returns the window with the signal in it. The receiver is unchanged.
func (w Window) add(s signal.Signal) Window {
	if len(w.New) >= 8*generation {
		if w.OldMax.After(w.Floor) {
			w.Floor = w.OldMax
		}
		w.Old, w.OldMax, w.New, w.NewMax = w.New, w.NewMax, nil, time.Time{}
	}
	w.New = append(slices.Clip(w.New), windowHash(signalName(s))...)
	if s.ReceivedAt.After(w.NewMax) {
		w.NewMax = s.ReceivedAt
	}
	return w
}

func contains(hashes, h []byte) bool {
	want := binary.BigEndian.Uint64(h)
	for i := 0; i+8 <= len(hashes); i += 8 {
		if binary.BigEndian.Uint64(hashes[i:]) == want {
			return true
		}
	}
	return false
}
