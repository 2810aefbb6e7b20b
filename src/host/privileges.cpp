#include "host/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/say.h"

namespace trama::host {

Result<void> become(const std::string& user) {
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr)
    return fail(Exit::bad_input,
                say("there is no user \"{}\" (\"getent passwd\" lists them)", user));
  const uid_t uid = entry->pw_uid;
  const gid_t gid = entry->pw_gid;
  // In this order: afterwards there is no right to change groups any more.
  const bool already = geteuid() == uid && getuid() == uid && uid != 0;
  if (!already && (initgroups(user.c_str(), gid) != 0 || setresgid(gid, gid, gid) != 0 ||
                   setresuid(uid, uid, uid) != 0))
    return fail(
        Exit::no_right,
        say("cannot become user {} ({}): start as root, with sudo", user, errno_text(errno)),
        errno);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || (uid != 0 && setuid(0) == 0))
    return fail(Exit::no, say("the rights of root could not be given up: nothing was started"));
  return {};
}

}  // namespace trama::host
