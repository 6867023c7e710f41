//! Typed arrays that a call writes its answers to.

use std::ptr;

use napi::sys;

use super::Call;

/// A kind of number that typed arrays hold.
pub(crate) trait Element: Copy {
    /// Its code in N-API.
    const KIND: sys::napi_typedarray_type;
}

impl Element for i8 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::int8_array;
}

impl Element for u32 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint32_array;
}

impl Call<'_> {
    /// Writes numbers to the typed array that is argument `i`, as far as it has room.
    pub(crate) fn fill<T: Element>(self, i: usize, numbers: impl Iterator<Item = T>) {
        let array = self
            .values
            .get(i)
            .and_then(|value| typed::<T>(self.env, *value));
        let Some((start, length)) = array else {
            return;
        };
        for (k, number) in numbers.take(length).enumerate() {
            // SAFETY: `k` is below the array's length, and nothing that runs here takes its memory away.
            unsafe { start.add(k).write(number) };
        }
    }
}

/// Start and length of a typed array of this kind; a detached one has length 0.
fn typed<T: Element>(env: sys::napi_env, value: sys::napi_value) -> Option<(*mut T, usize)> {
    let (mut kind, mut length, mut start) = (-1, 0, ptr::null_mut());
    let (buffer, offset) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `value` is an argument of the running call.
    let status = unsafe {
        let (kind, length, start) = (&raw mut kind, &raw mut length, &raw mut start);
        sys::napi_get_typedarray_info(env, value, kind, length, start, buffer, offset)
    };
    if status != sys::Status::napi_ok || kind != T::KIND {
        return None;
    }
    if start.is_null() {
        return Some((ptr::NonNull::dangling().as_ptr(), 0));
    }
    Some((start.cast(), length))
}
