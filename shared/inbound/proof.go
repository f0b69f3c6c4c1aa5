package inbound

import "time"

// Nonced is an adapter whose proof does not cover what is said. Its proof must
// be spent: whoever has seen one could otherwise say anything with it.
type Nonced interface {
	Adapter
	// Nonce returns what stands for the proof of a verified request.
	Nonce(Request) Nonce
}

// Nonce is a value that is good for one content.
type Nonce struct {
	Value   string    // what the sender made once
	Content string    // digest of what it came with; a redelivery has the same
	Until   time.Time // when Verify refuses the value by itself
}

// BodySigner is an adapter whose proof stands in the body.
type BodySigner interface {
	Adapter
	// SignBody returns the body with the proof in it. Kind of error: Invalid.
	SignBody(Letter) ([]byte, error)
}

// Seal signs a webhook wherever its provider puts the proof: it returns the
// headers and the body to send. Kind of error: Invalid.
func Seal(a Adapter, l Letter) (headers map[string]string, body []byte, err error) {
	if b, ok := a.(BodySigner); ok {
		if l.Body, err = b.SignBody(l); err != nil {
			return nil, nil, err
		}
	}
	headers, err = a.Sign(l)
	return headers, l.Body, err
}
