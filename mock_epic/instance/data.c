/* The FHIR data of an instance: generations that never change, one after another. */
#include "mock_epic/instance/instance.h"

struct mock_fhir *mock_instance_data(struct mock_instance *instance, struct mock_access_set **access)
{
    pthread_mutex_lock(&instance->data_lock);
    struct mock_fhir *fhir = instance->fhir ? mock_fhir_hold(instance->fhir) : NULL;
    if (access)
        *access = mock_access_set_hold(instance->access);
    pthread_mutex_unlock(&instance->data_lock);
    return fhir;
}

struct mock_fhir *mock_instance_fhir(struct mock_instance *instance)
{
    return mock_instance_data(instance, NULL);
}

/* Takes the reference. */
static void become(struct mock_instance *instance, struct mock_fhir *fhir)
{
    pthread_mutex_lock(&instance->data_lock);
    struct mock_fhir *before = instance->fhir;
    instance->fhir = fhir;
    pthread_mutex_unlock(&instance->data_lock);
    mock_fhir_release(before);
}

enum auth_rc mock_instance_post(struct mock_instance *instance, struct auth_view text, struct mock_fhir **now,
                                struct auth_err *err)
{
    struct mock_fhir *made = NULL;
    pthread_mutex_lock(&instance->post_lock); /* or one of two at once would be lost */
    enum auth_rc rc = instance->fhir ? mock_fhir_extend(instance->fhir, text, &made, err) : AUTH_E_NOT_FOUND;
    if (rc == AUTH_OK) {
        *now = mock_fhir_hold(made);
        become(instance, made);
    }
    pthread_mutex_unlock(&instance->post_lock);
    return rc;
}

struct mock_access_set *mock_instance_access(struct mock_instance *instance)
{
    pthread_mutex_lock(&instance->data_lock);
    struct mock_access_set *access = mock_access_set_hold(instance->access);
    pthread_mutex_unlock(&instance->data_lock);
    return access;
}

void mock_instance_set_access(struct mock_instance *instance, struct mock_access_set *access)
{
    pthread_mutex_lock(&instance->data_lock);
    struct mock_access_set *before = instance->access;
    instance->access = access;
    pthread_mutex_unlock(&instance->data_lock);
    mock_access_set_release(before);
}

void mock_instance_set_fhir(struct mock_instance *instance, struct mock_fhir *fhir)
{
    pthread_mutex_lock(&instance->post_lock);
    bool is_other = fhir && instance->fhir != fhir;
    if (is_other)
        become(instance, mock_fhir_hold(fhir));
    pthread_mutex_unlock(&instance->post_lock);
    if (is_other)
        mock_sessions_empty(&instance->sessions); /* they name resources that are perhaps not there */
}

void mock_instance_forget_posted(struct mock_instance *instance)
{
    pthread_mutex_lock(&instance->post_lock);
    if (instance->fhir)
        become(instance, mock_fhir_hold(mock_fhir_root(instance->fhir)));
    pthread_mutex_unlock(&instance->post_lock);
    mock_sessions_empty(&instance->sessions);
}
