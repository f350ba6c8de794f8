// Package serializer says once how a struct is shown as JSON and what is accepted for it, and does both: it validates with the fields, rules and
// messages of Django REST Framework, and writes what hand-written code would write.
//
//	var departments = serializer.New(func(d *Department) serializer.Fields {
//		return serializer.Fields{
//			serializer.Field(&d.ID).ReadOnly(),
//			serializer.Field(&d.Name).MaxLength(100),
//		}
//	})
//
//	d, err := departments.DecodeRequest(r)                     // every field error at once, ready to be answered with 400
//	err = departments.PatchRequest(r, &d)                      // what is absent stays
//	err = departments.Respond(w, r, http.StatusCreated, &d)    // {"id":1,"name":"Tools"}
//
// The function gets a sample of the struct; from the pointers into it New learns the place and the type of each field, so that the compiler checks
// the declaration, and no function of the user's is called for a field while objects are shown (other than Computed). Fields that lie deeper,
// &p.Address.City, work the same way, through pointers too: null is shown where a pointer on the way is nil.
//
// # Input
//
// Decode, DecodeList, Patch and Update, and their siblings for requests, read the bytes once and write straight into the object. They return all
// that is wrong at once, as *Errors, with the texts and codes of Django REST Framework. An object that is updated is changed only when all is
// right. Numbers may come as strings, white space around strings is cut off, of a key that comes twice the last one counts, and unknown keys are
// ignored unless Config.RefuseUnknown says otherwise. What is no JSON is refused: also NaN, text that is no UTF-8, and nesting beyond 500 levels.
// After ten thousand messages the rest of the input is only read, and so is what a list has beyond its MaxLength or an input beyond
// Config.MaxItems: bad input costs no more than good input. A map of numbers takes about 40 bytes of memory for
// each short key, four times its text. Where one field is a struct and another one lies inside, the one that is declared
// later is written later, whatever the order of their keys.
//
// Short strings of one input share allocations of at most 4 KiB; who keeps one such string for long, and nothing else of the object, may want
// strings.Clone.
//
// # Related objects
//
// Related takes the key of another object and shows the object. Keys are looked up with one call for all objects of a request or an answer, for
// validating and for showing alike; Unique asks in the same way who holds a value. Tiny makes a view that only shows, and takes objects that the
// program has at hand (RelatedOf.Loaded) as they are.
//
// # Output
//
// Keys come in the order of the declaration, floats as Python prints them (1.0, 1e+16), times in UTC with Z, decimals as strings; HTML is not
// escaped. Values that JSON cannot hold, such as NaN, are errors. Append and AppendList write into a buffer of the caller's and allocate nothing
// for most kinds; Stream writes any number of objects in memory that does not grow; Value makes an object a json.Marshaler.
//
// Serializers are made once, at start-up: a mistake in a declaration panics there, and says what to write instead. They never change afterwards
// and are safe for concurrent use.
package serializer
