//! JavaScript functions without the macros of N-API, whose conversions cost more than a decision: the arguments of a call
//! lie in memory that the function keeps, the answer is one number.
//!
//! The only file with `unsafe`. It converts, and knows nothing of experiments.
#![expect(unsafe_code, reason = "N-API is a C interface")]

use std::{
    cell::RefCell,
    ffi::{CStr, c_char, c_void},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

use napi::{Env, JsError, Status, bindgen_prelude::Unknown, sys};

/// Memory of a function for the texts of one call; more is taken for the call that needs it, and given back.
const KEPT_BYTES: usize = 8 * 1024;
/// Arguments of one call that need no memory of their own.
const FEW: usize = 16;

/// One argument, as it is in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Argument<'c> {
    /// `undefined`, `null`, or not given.
    Missing,
    Boolean(bool),
    Number(f64),
    /// A string; lone surrogates are U+FFFD.
    Text(&'c str),
    /// A copy of a `Uint8Array`: another thread may share its memory and write to it.
    Bytes(&'c [u8]),
    Other,
}

/// An argument whose bytes lie in the texts of the call.
#[derive(Debug, Clone)]
enum Held {
    Missing,
    Boolean(bool),
    Number(f64),
    Text(Range<usize>),
    Bytes(Range<usize>),
    Other,
}

/// The arguments of one call.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    env: sys::napi_env,
    values: &'c [sys::napi_value],
    held: &'c [Held],
    bytes: &'c [u8],
}

/// Where the bytes of a call's arguments lie.
#[derive(Debug)]
struct Texts {
    bytes: Vec<u8>,
    used: usize,
}

/// What a function keeps.
struct Kept<F> {
    answer: F,
    texts: RefCell<Texts>,
    /// Arguments that are read.
    most: usize,
}

/// A kind of number that typed arrays hold.
pub(crate) trait Element: Copy {
    /// Its code in N-API.
    const KIND: sys::napi_typedarray_type;
}

impl Element for u8 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint8_array;
}

impl Element for u16 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint16_array;
}

impl Element for u32 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint32_array;
}

impl Element for i8 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::int8_array;
}

/// A JavaScript function of at most `most` arguments; what `answer` refuses is thrown.
pub(crate) fn function<'env, F>(
    env: &'env Env,
    name: &CStr,
    most: usize,
    answer: F,
) -> napi::Result<Unknown<'env>>
where
    F: Fn(&Call<'_>) -> napi::Result<i32> + 'static,
{
    let kept = Box::into_raw(Box::new(Kept {
        answer,
        texts: RefCell::new(Texts::new()),
        most,
    }));
    let mut made = ptr::null_mut();
    // SAFETY: `name` ends in a zero byte, `run::<F>` reads `kept` as what it is, and the finalizer below frees it once,
    // after the function is gone.
    let status = unsafe {
        let length = name.count_bytes().cast_signed();
        let data = kept.cast::<c_void>();
        let status = sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            length,
            Some(run::<F>),
            data,
            &raw mut made,
        );
        if status == sys::Status::napi_ok {
            let (hint, reference) = (ptr::null_mut(), ptr::null_mut());
            sys::napi_add_finalizer(env.raw(), made, data, Some(free::<F>), hint, reference)
        } else {
            status
        }
    };
    if status != sys::Status::napi_ok {
        // SAFETY: nothing that could run or free it was made.
        drop(unsafe { Box::from_raw(kept) });
        return Err(napi::Error::new(
            Status::from(status),
            "cannot make a function",
        ));
    }
    // SAFETY: `made` is the function that `env` just made.
    Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), made) })
}

extern "C" fn free<F>(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `function` made it of a box of this type, and a finalizer runs once.
    drop(unsafe { Box::from_raw(data.cast::<Kept<F>>()) });
}

extern "C" fn run<F>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value
where
    F: Fn(&Call<'_>) -> napi::Result<i32>,
{
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let mut data = ptr::null_mut();
        let (mut few, mut many) = ([ptr::null_mut(); FEW], Vec::new());
        let mut count = FEW;
        // SAFETY: `few` has room for `count` values; the data are what `function` gave, and live as long as the function.
        let kept = unsafe {
            sys::napi_get_cb_info(
                env,
                info,
                &raw mut count,
                few.as_mut_ptr(),
                ptr::null_mut(),
                &raw mut data,
            );
            &*data.cast::<Kept<F>>()
        };
        let mut values = &few[..count.min(FEW)];
        if count > FEW {
            many.resize(count, ptr::null_mut());
            // SAFETY: `many` has room for `count` values.
            unsafe {
                sys::napi_get_cb_info(
                    env,
                    info,
                    &raw mut count,
                    many.as_mut_ptr(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                );
            }
            values = &many;
        }
        kept.answer(env, &values[..values.len().min(kept.most)])
    }));
    let answered = answered.unwrap_or_else(|_| {
        Err(napi::Error::from_reason(
            "stoa panicked; please report what was asked",
        ))
    });
    match answered {
        Ok(number) => {
            let mut value = ptr::null_mut();
            // SAFETY: `env` is that of the running call.
            unsafe { sys::napi_create_int32(env, number, &raw mut value) };
            value
        }
        Err(error) => {
            // SAFETY: `env` is that of the running call.
            unsafe { JsError::from(error).throw_into(env) };
            ptr::null_mut()
        }
    }
}

impl<F> Kept<F>
where
    F: Fn(&Call<'_>) -> napi::Result<i32>,
{
    fn answer(&self, env: sys::napi_env, values: &[sys::napi_value]) -> napi::Result<i32> {
        // Taken already only if reading an argument runs the caller's code, which calls again.
        let mut own;
        let mut texts = self.texts.try_borrow_mut();
        let texts = match &mut texts {
            Ok(texts) => &mut **texts,
            Err(_) => {
                own = Texts::new();
                &mut own
            }
        };
        let (mut few, mut many) = ([const { Held::Missing }; FEW], Vec::new());
        let held = match few.get_mut(..values.len()) {
            Some(held) => held,
            None => {
                many.resize(values.len(), Held::Missing);
                &mut many[..]
            }
        };
        for (place, value) in held.iter_mut().zip(values) {
            *place = texts.read(env, *value);
        }
        let call = Call {
            env,
            values,
            held,
            bytes: &texts.bytes,
        };
        let answer = (self.answer)(&call);
        texts.give_back();
        answer
    }
}

impl Texts {
    fn new() -> Self {
        Self {
            bytes: vec![0; KEPT_BYTES],
            used: 0,
        }
    }

    fn give_back(&mut self) {
        self.used = 0;
        if self.bytes.len() > KEPT_BYTES {
            *self = Self::new();
        }
    }

    /// Makes room for `more` bytes behind those used.
    fn reserve(&mut self, more: usize) {
        if self.bytes.len() - self.used < more {
            self.bytes.resize(self.used + more, 0);
        }
    }

    fn read(&mut self, env: sys::napi_env, value: sys::napi_value) -> Held {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: `value` is an argument of the running call, or an item of one.
        unsafe { sys::napi_typeof(env, value, &raw mut kind) };
        match kind {
            sys::ValueType::napi_string => self.text(env, value),
            sys::ValueType::napi_number => {
                let mut number = f64::NAN;
                // SAFETY: as above.
                unsafe { sys::napi_get_value_double(env, value, &raw mut number) };
                Held::Number(number)
            }
            sys::ValueType::napi_boolean => {
                let mut truth = false;
                // SAFETY: as above.
                unsafe { sys::napi_get_value_bool(env, value, &raw mut truth) };
                Held::Boolean(truth)
            }
            sys::ValueType::napi_undefined | sys::ValueType::napi_null => Held::Missing,
            _ => self.copy(env, value),
        }
    }

    fn text(&mut self, env: sys::napi_env, value: sys::napi_value) -> Held {
        /// Room for one more character, and for the zero byte at the end.
        const TAIL: usize = 5;
        let mut length = self.write(env, value);
        if self.bytes.len() - self.used < length + TAIL {
            // SAFETY: without memory to write to, N-API gives the length.
            unsafe {
                sys::napi_get_value_string_utf8(env, value, ptr::null_mut(), 0, &raw mut length)
            };
            self.reserve(length + TAIL);
            length = self.write(env, value);
        }
        Held::Text(self.take(length))
    }

    /// Sets `length` more bytes aside.
    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.used;
        self.used += length;
        start..self.used
    }

    /// Writes as much of a string as there is room for; N-API ends it with a zero byte.
    fn write(&mut self, env: sys::napi_env, value: sys::napi_value) -> usize {
        let room = &mut self.bytes[self.used..];
        let mut length = 0;
        // SAFETY: `room` is initialized memory of that length.
        unsafe {
            let start = room.as_mut_ptr().cast::<c_char>();
            sys::napi_get_value_string_utf8(env, value, start, room.len(), &raw mut length);
        }
        length
    }

    fn copy(&mut self, env: sys::napi_env, value: sys::napi_value) -> Held {
        let Some((start, length)) = typed::<u8>(env, value) else {
            return Held::Other;
        };
        self.reserve(length);
        let range = self.take(length);
        if length > 0 {
            // SAFETY: `typed` gives memory of the array, which lives as long as the call and is no memory of ours.
            unsafe {
                ptr::copy_nonoverlapping(start, self.bytes[range.clone()].as_mut_ptr(), length)
            };
        }
        Held::Bytes(range)
    }
}

/// Start and length of a typed array of this kind; the start of an empty or detached one may be null.
fn typed<T: Element>(env: sys::napi_env, value: sys::napi_value) -> Option<(*mut T, usize)> {
    let (mut kind, mut length, mut start) = (-1, 0, ptr::null_mut());
    let (buffer, offset) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `value` is an argument of the running call, or an item of one.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            env,
            value,
            &raw mut kind,
            &raw mut length,
            &raw mut start,
            buffer,
            offset,
        )
    };
    let found = status == sys::Status::napi_ok && kind == T::KIND;
    found.then(|| (start.cast(), if start.is_null() { 0 } else { length }))
}

impl Call<'_> {
    /// Argument `i`; those past the end are missing.
    pub(crate) fn get(&self, i: usize) -> Argument<'_> {
        match self.held.get(i) {
            None | Some(Held::Missing) => Argument::Missing,
            Some(Held::Boolean(truth)) => Argument::Boolean(*truth),
            Some(Held::Number(number)) => Argument::Number(*number),
            Some(Held::Text(range)) => {
                // N-API writes UTF-8.
                Argument::Text(std::str::from_utf8(&self.bytes[range.clone()]).unwrap_or_default())
            }
            Some(Held::Bytes(range)) => Argument::Bytes(&self.bytes[range.clone()]),
            Some(Held::Other) => Argument::Other,
        }
    }

    /// Writes numbers to the typed array that is argument `i`, as far as it has room.
    pub(crate) fn fill<T: Element>(&self, i: usize, numbers: impl Iterator<Item = T>) {
        let array = self
            .values
            .get(i)
            .and_then(|value| typed::<T>(self.env, *value));
        let (start, length) = array.unwrap_or((ptr::null_mut(), 0));
        for (k, number) in numbers.take(length).enumerate() {
            // SAFETY: `k` is below the array's length, and nothing runs here that could take its memory away.
            unsafe { start.add(k).write(number) };
        }
    }
}
