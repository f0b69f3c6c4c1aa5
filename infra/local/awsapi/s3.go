package awsapi

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listed is the answer of ListObjectsV2, as far as it is used.
type listed struct {
	XMLName     xml.Name `xml:"ListBucketResult"`
	Name        string
	KeyCount    int
	MaxKeys     int
	IsTruncated bool
	Contents    []object
}

type object struct {
	Key          string
	LastModified time.Time
	Size         int64
}

// s3Error is an error in the form of S3.
type s3Error struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

// bucket returns the folder of the bucket that a path names, and the key.
func (a *API) bucket(path string) (folder, key string, ok bool) {
	name, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	folder, ok = a.Buckets[name]
	return folder, key, ok
}

// serveBucket answers ListObjectsV2, GetObject and DeleteObject, of a bucket
// that is a folder. Only its files can be reached.
func (a *API) serveBucket(w http.ResponseWriter, r *http.Request, folder, key string) {
	if key == "" {
		a.list(w, r, folder)
		return
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		a.noObject(w, key)
		return
	}
	defer func() { _ = root.Close() }()
	file := filepath.FromSlash(key)
	switch r.Method {
	case http.MethodGet:
		body, err := root.ReadFile(file)
		if err != nil {
			a.noObject(w, key)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(body) //nolint:gosec // An object is no page; and the caller may be gone.
	case http.MethodDelete:
		if err := root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			writeXML(w, http.StatusInternalServerError, s3Error{Code: "InternalError", Message: err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		writeXML(w, http.StatusMethodNotAllowed, s3Error{Code: "MethodNotAllowed", Message: r.Method + " is not emulated here"})
	}
}

func (a *API) noObject(w http.ResponseWriter, key string) {
	writeXML(w, http.StatusNotFound, s3Error{Code: "NoSuchKey", Message: key})
}

func (a *API) list(w http.ResponseWriter, r *http.Request, folder string) {
	if r.Method != http.MethodGet || r.URL.Query().Get("list-type") != "2" {
		writeXML(w, http.StatusMethodNotAllowed, s3Error{Code: "MethodNotAllowed", Message: "of a bucket only ListObjectsV2 is emulated here"})
		return
	}
	out := listed{Name: filepath.Base(folder), MaxKeys: 1000}
	if n, err := strconv.Atoi(r.URL.Query().Get("max-keys")); err == nil {
		out.MaxKeys = min(n, out.MaxKeys)
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error { //nolint:gosec // A folder of ours.
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		key, err := filepath.Rel(folder, path)
		out.Contents = append(out.Contents, object{filepath.ToSlash(key), info.ModTime().UTC(), info.Size()})
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		writeXML(w, http.StatusInternalServerError, s3Error{Code: "InternalError", Message: err.Error()})
		return
	}
	slices.SortFunc(out.Contents, func(a, b object) int { return strings.Compare(a.Key, b.Key) })
	if len(out.Contents) > out.MaxKeys {
		out.Contents, out.IsTruncated = out.Contents[:out.MaxKeys], true
	}
	out.KeyCount = len(out.Contents)
	writeXML(w, http.StatusOK, out)
}

func writeXML(w http.ResponseWriter, status int, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("<Error><Code>InternalError</Code></Error>")
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...)) // The caller may be gone.
}
